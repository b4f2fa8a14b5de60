import Diagnostics
import Engine
import Language
import SiteSpecs
import TestSupport
import Testing

@testable import CLI

/// Every YAML block of every page is loaded: as the file that its first line or its fence says it is.
struct DocsYAMLTests {
  static let frames = Result { try Frames() }

  /// What fragments are completed from: the frames that the cookbook shows.
  struct Frames {
    var site: DocFrame
    var notifier: DocFrame
    var configuration: DocFrame

    init() throws {
      let blocks = try DocBlock.read("docs/cookbook.md").filter { $0.info.last == "frame" }
      func frame(_ role: String) throws -> DocFrame {
        DocFrame(try #require(blocks.first { $0.role == role }, "the cookbook shows no frame for \(role)").text)
      }
      site = try frame("site")
      notifier = try frame("notifier")
      configuration = try frame("slothunter")
    }
  }

  /// What a block is taken for.
  enum Kind: Equatable {
    case site(String), notifier(String), configuration(String)
    /// Of another program; still YAML.
    case other
  }

  static func kind(of block: DocBlock) throws -> Kind {
    let frames = try frames.get()
    switch block.role {
    case "site": return .site(frames.site.completed(by: block.text))
    case "notifier": return .notifier(frames.notifier.completed(by: block.text))
    case "slothunter": return .configuration(frames.configuration.completed(by: block.text))
    case "fields": return .site(frames.site.completed(by: step("fields:\n" + indented(block.text, 2))))
    case "step": return .site(frames.site.completed(by: step(block.text)))
    case "other": return .other
    default:
      // A part of a site that ships, by its name.
      let shipped = "\(packageRoot)/sites/\(block.role).yaml"
      if !block.role.isEmpty, Files.exists(shipped) {
        return .site(DocFrame(try text(of: shipped)).completed(by: block.text))
      }
    }
    if let first = block.text.split(separator: "\n").first, first.hasPrefix("# "), first.contains(".yaml") {
      let isConfiguration = first.contains("slothunter.yaml")
      if isConfiguration { return .configuration(block.text) }
      return first.contains("notifiers/") ? .notifier(block.text) : .site(block.text)
    }
    // Fragments without a word: by the keys that they have.
    let keys = Set(DocFrame.parts(block.text).map(\.key))
    for kind in SpecKind.allCases where keys.isSubset(of: kind.tables[0].keys.map(\.name)) && !keys.isEmpty {
      let isWhole = keys.isSuperset(of: kind.tables[0].keys.filter(\.isRequired).map(\.name))
      func text(_ frame: DocFrame) -> String { isWhole ? block.text : frame.completed(by: block.text) }
      switch kind {
      case .site: return .site(text(frames.site))
      case .notifier: return .notifier(text(frames.notifier))
      case .configuration: return .configuration(text(frames.configuration))
      }
    }
    throw NeverHappened(
      description: "\(block): what is this? Write `# sites/NAME.yaml` first, or `yaml site`, `step`, `fields`, "
        + "`notifier`, `slothunter` or `other` on the fence")
  }

  /// A step of the cookbook's frame with more keys.
  private static func step(_ keys: String) -> String {
    "steps:\n  - step: page\n    get: https://shop.example/\n    query: { day: \"{from_day}\" }\n    anchor: $.items\n"
      .replacing(keys.contains("from_day") ? "" : "    query: { day: \"{from_day}\" }\n", with: "")
      + indented(keys, 4) + "    rows: { each: \"$.items[*]\", fields: { id: $.id } }\n"
  }

  private static func indented(_ text: String, _ count: Int) -> String {
    text.split(separator: "\n").map { String(repeating: " ", count: count) + $0 + "\n" }.joined()
  }

  static let blocks = Result {
    try DocBlock.pages().flatMap(DocBlock.read).filter { $0.language == "yaml" || $0.language == "yml" }
  }

  @Test func `every YAML block of every page is loaded, and none is refused`() async throws {
    let blocks = try Self.blocks.get()
    #expect(blocks.count > 60)
    #expect(Set(blocks.map(\.page)).isSuperset(of: ["README.md", "docs/guide.md", "docs/cookbook.md"]))
    for block in blocks {
      #expect(throws: Never.self) {
        let problems = try Self.problems(of: try Self.kind(of: block), block)
        #expect(problems == "", "\(block) (\(block.heading))")
      }
    }
  }

  /// One example for each thing that can be written.
  @Test func `every key, type and filter has its place in the cookbook`() throws {
    let text = try DocBlock.read("docs/cookbook.md").filter { $0.language == "yaml" }.map { "\n" + $0.text }.joined()
    func stands(_ word: String, after signs: [String], _ end: String) -> Bool {
      signs.contains { text.contains($0 + word + end) }
    }
    // GET, POST and PUT stand for the other methods.
    let methods = ["head", "patch", "delete"]
    for table in SpecKind.allCases.flatMap(\.tables) {
      for key in table.keys where !methods.contains(key.name) {
        #expect(stands(key.name, after: ["\n", " ", "{"], ":"), "\(table.name).\(key.name)")
      }
    }
    for kind in Builtins.catalog.extractors.map({ type(of: $0).kind }) where kind != "json" && kind != "xpath" {
      #expect(stands(kind, after: ["{ "], ": "), "\(kind)")
    }
    // Anything that is text is of the type text.
    for info in TypeSpec.catalog { #expect(stands(info.type.rawValue, after: ["as: "], ""), "\(info.type)") }
    for filter in FilterChain.catalog {
      #expect(stands(filter.name, after: ["| ", "then: \"", "[ \"", ", "], ""), "\(filter.name)")
    }
  }

  /// Errors and warnings: an example that is unwise is worse than none.
  private static func problems(of kind: Kind, _ block: DocBlock) throws -> String {
    let reader = SpecReader(catalog: Builtins.catalog)
    switch kind {
    case .site(let text):
      return reader.readSite(file: "sites/\(id("site", text)).yaml", text: text).diagnostics.rendered
    case .notifier(let text):
      return reader.readNotifier(file: "notifiers/\(id("notifier", text)).yaml", text: text).diagnostics.rendered
    case .configuration(let text):
      let folder = try TemporaryFolder()
      try folder.write(
        text.replacing("sites: [sites]", with: "sites: [\(packageRoot)/sites]").replacing(
          "notifiers: [notifiers]", with: "notifiers: [\(packageRoot)/notifiers]"),
        to: "slothunter.yaml")
      return Workspace.load(folder.path + "/slothunter.yaml", ignoresSecrets: true).diagnostics.rendered
    case .other:
      return PlainYAML.read(file: "\(block)", bytes: Array(block.text.utf8)).diagnostics.rendered
    }
  }

  /// The id that the text gives itself: a file is called after it.
  private static func id(_ key: String, _ text: String) -> String {
    let line = text.split(separator: "\n").first { $0.hasPrefix(key + ":") } ?? ""
    return line.dropFirst(key.count + 1).split(separator: "#").first.map { $0.split(separator: " ").joined() } ?? ""
  }
}

extension [Diagnostic] {
  fileprivate var rendered: String { map { $0.rendered() }.joined(separator: "\n") }
}
