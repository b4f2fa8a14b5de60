/// Where a key is at home: for those that are known, but not here.
enum KeyHomes {
  /// `'every' is a key of 'watch' in slothunter.yaml`
  static func help(for name: String, notIn table: String) -> String? {
    let files = [
      ("a site's file", SpecReference.site), ("a notifier's file", SpecReference.notifier),
      ("slothunter.yaml", SpecReference.configuration),
    ]
    let isHere = { (tables: [TableReference]) in tables.contains { $0.name == table } }
    // The file at hand first.
    for (file, tables) in files.sorted(by: { isHere($0.1) && !isHere($1.1) }) {
      guard let home = tables.first(where: { $0.name != table && $0.keys.contains { $0.name == name } }) else {
        continue
      }
      let place = isHere(tables) ? "" : " in \(file)"
      return "'\(name)' is a key of '\(home.name)'\(place)"
    }
    return nil
  }
}
