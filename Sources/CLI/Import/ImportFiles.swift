import Glibc
import Language

/// Writes what an import came to: `sites/*.yaml` and `slothunter.yaml`. Nothing that is there is touched.
struct ImportFiles {
  var folder: String

  /// - Returns: The files, in the order in which they were written.
  func write(_ imported: Imported) throws(CommandFailure) -> [String] {
    let sites = imported.sites.map { (folder + "/sites/\($0.id).yaml", $0.text) }
    let main = folder + "/slothunter.yaml"
    let all = sites + [(main, try configuration(imported))]
    if let taken = all.first(where: { Files.exists($0.0) }) {
      throw CommandFailure(
        .negative, "\(taken.0) is there already, and nothing was written", help: "name another folder with --out")
    }
    try Files.makeFolder(sites.isEmpty ? folder : folder + "/sites")
    for (path, text) in all { try Files.write(text, to: path) }
    return all.map(\.0)
  }

  private func configuration(_ imported: Imported) throws(CommandFailure) -> String {
    let notifiers = try shipped("notifiers", for: "channels")
    var sites = imported.sites.isEmpty ? [] : ["sites"]
    for id in imported.usesSites.sorted() { sites.append(try shipped("sites/\(id).yaml", for: "its watches")) }
    var text = "# Written by `slothunter import`. Look it through, `slothunter check`, then merge it into your own.\n"
    if !imported.secrets.isEmpty {
      text += "# To be set where it runs, so that no secret stands in a file:\n"
      for secret in imported.secrets { text += "#   \(secret.name)   \(secret.what)\n" }
    }
    text += "sites: [\(sites.map { FirstSpec.quoted($0) }.joined(separator: ", "))]\n"
    text += "notifiers: [\(FirstSpec.quoted(notifiers))]\nstore: data/slothunter.db\n"
    if !imported.channels.isEmpty {
      text += "channels:\n" + imported.channels.map { "  \($0.line)\n" }.joined()
    }
    if !imported.maintainers.isEmpty {
      text += "maintainers:\n" + imported.maintainers.map { "  - \($0)\n" }.joined()
    }
    text += imported.watches.isEmpty ? "watches: []\n" : "watches:\n"
    for watch in imported.watches { text += ImportFiles.lines(watch) }
    return text
  }

  private static func lines(_ watch: Imported.Watch) -> String {
    var text = "  - site: \(watch.site)\n"
    if let remark = watch.remark { text = "  # \(FirstSpec.comment(remark))\n" + text }
    if !watch.params.isEmpty {
      text += "    params: { \(watch.params.map { "\($0.0): \(FirstSpec.quoted($0.1))" }.joined(separator: ", ")) }\n"
    }
    text += "    every: \(watch.every)\n"
    if !watch.notify.isEmpty { text += "    notify:\n" + watch.notify.map { "      - \($0)\n" }.joined() }
    return text
  }

  /// A shipped file or folder, as seen from the folder that is written: there, or here where the command runs.
  private func shipped(_ name: String, for what: String) throws(CommandFailure) -> String {
    if Files.exists(folder + "/" + name) { return name }
    guard Files.exists(name) else {
      throw CommandFailure(
        .noInput, "there is no \(name) here, which \(what) need",
        help: "run it where slothunter.yaml is, or copy \(name) to \(folder)")
    }
    if let depth { return String(repeating: "../", count: depth) + name }
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let here = getcwd(&buffer, buffer.count).map { String(cString: $0) } ?? "."
    return here + "/" + name
  }

  /// How many folders below this one it stands; nil where it stands elsewhere: `../x`, `/srv/x`, behind a link.
  private var depth: Int? {
    guard !folder.hasPrefix("/") else { return nil }
    var (path, depth) = (".", 0)
    for part in folder.split(separator: "/") where part != "." {
      path += "/" + part
      var info = stat()
      let isLink = lstat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFLNK
      guard part != "..", !isLink else { return nil }
      depth += 1
    }
    return depth
  }
}
