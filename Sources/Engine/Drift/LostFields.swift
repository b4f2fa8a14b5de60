import Language
import PluginHost
import Storage

extension RunPlanner {
  /// Keeps what is known of tracked fields that every row of a branch has lost at once.
  ///
  /// An optional field whose selector fits no more is null everywhere. That every price has changed to nothing is no news;
  /// the items are, and their other fields. The maintainers hear of it by the drift of the field's fill rate.
  func keepLostFields(_ branches: inout [BranchResult]) {
    guard !spec.items.track.isEmpty, state.keyFields == spec.items.key else { return }
    for index in branches.indices where branches[index].isRead && !branches[index].items.isEmpty {
      let name = branches[index].name
      let held = state.items.filter { $0.isHeld && $0.item.branch == name }
      let known = Dictionary(held.map { ($0.item.key, $0.item) }) { first, _ in first }
      if known.isEmpty { continue }
      for field in spec.items.track { keep(field, in: &branches[index].items, known) }
    }
  }

  private func keep(_ field: String, in items: inout [Item], _ known: [String: Item]) {
    guard items.allSatisfy({ ($0[field] ?? .null).isNull }), known.values.allSatisfy({ $0[field]?.isNull == false })
    else { return }
    for index in items.indices {
      guard let value = known[items[index].key]?[field],
        let place = items[index].fields.firstIndex(where: { $0.name == field })
      else { continue }
      items[index].fields[place].value = value
    }
  }

  /// What is known of a branch that was not believed to be empty, and is read again.
  ///
  /// Where most of it is there again, it never was gone. Where little is, it had sold out: what opens now is news.
  func recalled(_ known: [ItemRecord], _ branch: BranchResult) -> [ItemRecord] {
    guard state.openIncidents.contains(IncidentMember(incident: IncidentPlanner.emptied(spec), branch: branch.name))
    else { return known }
    let keys = Set(branch.items.map(\.key))
    let held = known.filter { $0.isHeld && !isDropped($0.item) }
    guard !keys.isEmpty, held.count(where: { keys.contains($0.item.key) }) * 2 < held.count else { return known }
    return known.map { record in
      guard record.isHeld, keys.contains(record.item.key) else { return record }
      var record = record
      // Dated back to where `reopen_after` asks no more: how long it was gone is not known.
      (record.state, record.since) = (.gone, now - spec.items.reopenAfter)
      return record
    }
  }
}
