import TestSupport

@testable import CLI

/// A fenced block of a Markdown page.
struct DocBlock: Sendable, CustomStringConvertible {
  /// From the package's folder: `docs/guide.md`.
  var page: String
  /// Of the fence, from 1.
  var line: Int
  /// The last heading before it, without its signs.
  var heading: String
  /// The words after the fence's signs: `yaml site`.
  var info: [String]
  var text: String

  var description: String { "\(page):\(line)" }
  var language: String { info.first ?? "" }
  /// What the block is, beside its language.
  var role: String { info.count > 1 ? info[1] : "" }

  static func read(_ page: String) throws -> [DocBlock] {
    var blocks: [DocBlock] = []
    var heading = ""
    var open: DocBlock?
    let lines = try TestSupport.text(of: packageRoot + "/" + page).split(
      separator: "\n", omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() {
      // A fence may stand in a list, indented as its text is.
      let start = line.drop { $0 == " " }
      if var block = open {
        if start.hasPrefix("```") {
          blocks.append(block)
          open = nil
        } else {
          block.text += line + "\n"
          open = block
        }
      } else if start.hasPrefix("```") {
        let info = start.drop { $0 == "`" }.split(separator: " ").map(String.init)
        open = DocBlock(page: page, line: index + 1, heading: heading, info: info, text: "")
      } else if line.hasPrefix("#") {
        heading = String(line.drop { $0 == "#" || $0 == " " })
      }
    }
    return blocks
  }

  /// Every Markdown page of the documents, the README's among them.
  static func pages() throws -> [String] {
    func walk(_ folder: String) throws -> [String] {
      try Files.list(packageRoot + "/" + folder).flatMap { name -> [String] in
        let path = folder + "/" + name
        if Files.isDirectory(packageRoot + "/" + path) { return try walk(path) }
        return name.hasSuffix(".md") ? [path] : []
      }
    }
    return ["README.md", "deploy/README.md"] + (try walk("docs"))
  }
}

/// A whole file that pages complete their fragments from: a fragment's top-level keys stand in place of the frame's.
struct DocFrame {
  private var parts: [(key: String, text: String)]

  init(_ text: String) { parts = DocFrame.parts(text) }

  func completed(by fragment: String) -> String {
    let own = Set(DocFrame.parts(fragment).map(\.key))
    return parts.filter { !own.contains($0.key) }.map(\.text).joined() + fragment
  }

  /// The text by its top-level keys; what stands before the first key belongs to none.
  static func parts(_ text: String) -> [(key: String, text: String)] {
    var parts: [(key: String, text: String)] = []
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) where !line.isEmpty {
      let begins = line.first.map { $0.isLetter } == true && line.contains(":")
      if begins { parts.append((String(line.prefix { $0 != ":" }), "")) }
      if parts.isEmpty { continue }
      parts[parts.count - 1].text += line + "\n"
    }
    return parts
  }
}
