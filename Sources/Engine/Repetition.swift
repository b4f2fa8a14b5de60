import Language
import PluginHost

/// Answers that are the same to the byte as the last run's, and are not worth reading.
enum Repetition {
  /// Of an answer, and of all else that decides what is read of it; nil for watches where more does: several requests,
  /// or rules that ask for the time.
  static func hash(
    of response: Response, to identity: String, _ watch: Watch, _ context: RenderContext
  ) -> String? {
    guard watch.isReadFromOneAnswer else { return nil }
    var hash = ContentHash()
    // What another version of SlotHunter read there says nothing about what this one would.
    hash.combine(EngineVersion.text)
    hash.combine(watch.spec.version)
    hash.add(unordered: watch.subscribers.addressHash)
    hash.combine(identity)
    // A date without a year is the one that is nearest to the day.
    hash.combine(.date(context.zone.civil(of: context.now).date))
    hash.combine(UInt64(response.status))
    hash.combine(response.url)
    hash.combine(response.header("Content-Type") ?? "")
    hash.combine(response.body)
    return hash.text
  }
}

extension SiteSpec {
  /// One request gives every item, and no rule about them asks for the time.
  var isReadFromOneAnswer: Bool {
    guard steps.count == 1, items.drop == nil, steps[0].pages == nil, steps[0].refresh == nil, !asksTime(items.keep)
    else { return false }
    return steps[0].fields.allSatisfy(isOfThisZone) && steps[0].rows.allSatisfy(isTimeless)
  }
}

private func isTimeless(_ rule: RowsRule) -> Bool {
  !asksTime(rule.keep) && rule.fields.allSatisfy(isOfThisZone) && rule.rows.allSatisfy(isTimeless)
}

/// In another zone the day turns at another time.
private func isOfThisZone(_ field: FieldRule) -> Bool { field.type?.zone == nil }

private func asksTime(_ condition: Expression?) -> Bool { condition?.source.contains("now") ?? false }
