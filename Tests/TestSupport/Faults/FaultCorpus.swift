/// The seeded faults under `Tests/Faults`: read once, for every test that holds something against them.
///
/// The format is told in `Tests/Faults/README.md`.
public struct FaultCorpus: Sendable {
  public var faults: [Fault]

  public static let folder = packageRoot + "/Tests/Faults"
  public static let topics = [
    "yaml", "site-keys", "site-values", "site-meaning", "notifier", "configuration", "unwise", "fine",
  ]
  /// Every valid file that edits start from, with the place where it stands in a workspace.
  public static let bases: [String: String] = [
    "clinic.site": "sites/clinic.yaml", "shop.site": "sites/shop.yaml", "chat.notifier": "notifiers/chat.yaml",
    "sms.notifier": "notifiers/sms.yaml", "hook.notifier": "notifiers/hook.yaml",
    "slothunter.config": "slothunter.yaml",
  ]
  /// What `${…}` in the bases stands for.
  public static let environment = [
    "CHAT_TOKEN": "1:chat", "SMS_KEY": "sms-key", "HOOK_SECRET": "whsec_aG9vaw==", "PROXY_USER": "me",
    "PROXY_PASSWORD": "proxy-password", "KEY_PASSWORD": "key-password",
  ]

  public static func read() throws -> FaultCorpus {
    var reader = FaultReader()
    for topic in topics { try reader.read(text(of: "\(folder)/\(topic).faults"), topic: topic) }
    return FaultCorpus(faults: reader.faults)
  }

  public static func base(_ name: String) throws -> String { try text(of: "\(folder)/bases/\(name).yaml") }

  /// All bases at their places, and certificates that they name.
  public static func workspace() throws -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    for (name, path) in bases { files[path] = Array(try base(name).utf8) }
    files["sites/certificates/client.pem"] = Array("-----BEGIN CERTIFICATE-----\n".utf8)
    files["sites/certificates/client.key"] = Array("-----BEGIN ENCRYPTED PRIVATE KEY-----\n".utf8)
    return files
  }
}

extension Fault {
  /// - Throws: ``FaultMistake`` where the edit or a place fits nowhere, or more than once.
  public func broken() throws -> BrokenFile {
    guard let path = FaultCorpus.bases[base] else { throw FaultMistake(self, "there is no base '\(base)'") }
    let before = try FaultCorpus.base(base)
    var edited = before
    var line = 1
    if !find.isEmpty {
      let hits = before.ranges(of: find)
      guard hits.count == 1, let hit = hits.first else {
        throw FaultMistake(self, "'\(find)' stands \(hits.count) times in \(base)")
      }
      edited.replaceSubrange(hit, with: replace)
      line = firstChangedLine(before, hit)
    }
    let told = try file == nil ? edited : beside.first { $0.path == file }.map { try FaultCorpus.base($0.base) } ?? ""
    if let place { line = try self.line(of: place, in: told) }
    return BrokenFile(
      fault: self, path: path, bytes: decoded(edited), line: line,
      otherLine: try other.map { try self.line(of: $0, in: edited) })
  }

  private func firstChangedLine(_ before: String, _ hit: Range<String.Index>) -> Int {
    let same = zip(find.unicodeScalars, replace.unicodeScalars).prefix { $0 == $1 }.map(\.0)
    let lines = before[..<hit.lowerBound].unicodeScalars.count { $0 == "\n" } + same.count { $0 == "\n" }
    // An edit that goes on after its last line begins on the next.
    let isAppended = same.count == find.unicodeScalars.count && replace.unicodeScalars.count > same.count
    return lines + 1 + (isAppended && replace.unicodeScalars.dropFirst(same.count).first == "\n" ? 1 : 0)
  }

  /// `^` at its beginning stands for the beginning of a line, `$` at its end for the end of one.
  private func line(of place: String, in text: String) throws -> Int {
    var wanted = place.replacing("\\n", with: "\n")
    var searched = "\n" + text
    if wanted.hasPrefix("^") { wanted = "\n" + wanted.dropFirst() }
    if wanted.hasSuffix("$") { wanted = wanted.dropLast() + "\n" }
    searched += "\n"
    let hits = searched.ranges(of: wanted)
    guard hits.count == 1, let hit = hits.first else {
      throw FaultMistake(self, "the place '\(place)' is there \(hits.count) times")
    }
    let before = searched[..<hit.lowerBound].unicodeScalars.count { $0 == "\n" }
    return before + (wanted.hasPrefix("\n") ? 1 : 0)
  }

  /// `␉` is a tab, `⟦U+202E⟧` a scalar and `⟦byte C7⟧` a byte that would not survive an editor.
  private func decoded(_ text: String) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = text[...].replacing("␉", with: "\t")[...]
    while let open = rest.firstIndex(of: "⟦"), let close = rest[open...].firstIndex(of: "⟧") {
      bytes += Array(rest[..<open].utf8)
      let inside = rest[rest.index(after: open)..<close]
      if inside.hasPrefix("U+"), let value = UInt32(inside.dropFirst(2), radix: 16), let scalar = Unicode.Scalar(value)
      {
        bytes += Array(String(Character(scalar)).utf8)
      } else if inside.hasPrefix("byte "), let byte = UInt8(inside.dropFirst(5), radix: 16) {
        bytes.append(byte)
      }
      rest = rest[rest.index(after: close)...]
    }
    return bytes + Array(rest.utf8)
  }
}

/// A fault that is itself written wrongly.
public struct FaultMistake: Error, CustomStringConvertible {
  public var description: String
  init(_ fault: Fault, _ reason: String) { description = "\(fault): \(reason)" }
}
