import Diagnostics
import Language
import SiteSpecs

/// A YAML file of another program: its documents, with the place of every key.
struct ForeignFile {
  struct Part {
    var value: JSONObject
    var places: SpecPlaces
    var file: String
    /// Where the document begins.
    var line: Int

    func place(_ path: String) -> SpecLocation {
      places.key(path) ?? places.nearest(path) ?? SpecLocation(file: file, line: line, column: 1)
    }
  }

  let file: String
  private(set) var parts: [Part] = []
  private(set) var problems: [Diagnostic] = []

  init(file: String, bytes: [UInt8]) {
    self.file = file
    for (line, text) in ForeignFile.documents(String(decoding: bytes, as: UTF8.self)) {
      // Lines before it kept empty, so that places are those of the whole file.
      let padded = Array((String(repeating: "\n", count: line - 1) + text).utf8)
      let (json, found) = PlainYAML.read(file: file, bytes: padded)
      problems += found.filter { $0.severity == .error }
      guard case .object(let object)? = json else { continue }
      parts.append(Part(value: object, places: SpecPlaces(file: file, bytes: padded), file: file, line: line))
    }
  }

  /// A line of `---` at its start divides documents, and can stand in no scalar (YAML 1.2.2, 9.1.2).
  private static func documents(_ text: String) -> [(line: Int, text: String)] {
    var found: [(line: Int, text: String)] = []
    var lines: [Substring] = []
    var start = 1
    func end(_ next: Int) {
      let text = lines.joined(separator: "\n")
      if lines.contains(where: { !$0.allSatisfy(\.isWhitespace) && !$0.hasPrefix("#") && !$0.hasPrefix("%") }) {
        found.append((start, text + "\n"))
      }
      (lines, start) = ([], next)
    }
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      if line == "---" || line.hasPrefix("--- ") || line == "---\r" || line == "..." {
        end(index + 2)
      } else {
        lines.append(line)
      }
    }
    end(0)
    return found
  }
}

extension JSONObject {
  func plain(_ name: String) -> String? {
    switch self[name] {
    case .string(let text)?: text
    case .integer(let number)?: "\(number)"
    case .number(_, let lexeme)?: lexeme
    case .bool(let flag)?: flag ? "true" : "false"
    default: nil
    }
  }

  func isTrue(_ name: String) -> Bool { self[name] == .bool(true) }
}
