import Engine
import Language
import PluginHost
import SiteSpecs

/// What `slothunter docs` writes: every file of docs/reference, each made of the definitions it tells of.
enum ReferenceBook {
  struct File: Sendable {
    var name: String
    var text: String
  }

  static let pages: [File] =
    [File(name: "README.md", text: contents)]
    + SpecKind.allCases.map { File(name: "\($0.rawValue).md", text: ReferencePage.text(of: $0)) }
    + [
      File(name: "selectors.md", text: selectors), File(name: "types.md", text: types),
      File(name: "filters.md", text: filters), File(name: "formats.md", text: formats),
      File(name: "commands.md", text: commands), File(name: "metrics.md", text: metrics),
    ]

  static let schemas: [File] = SpecKind.allCases.map { kind in
    File(name: kind.schemaFile, text: SchemaWriter(catalog: Builtins.catalog).schema(of: kind).prettyText + "\n")
  }

  static var files: [File] { pages + schemas }

  private static func page(_ title: String, _ summary: String, _ body: String) -> String {
    "# \(title)\n\n\(summary) \(ReferencePage.generated)\n\n\(body)"
  }

  static func table(_ columns: [String], _ rows: [[String]]) -> String {
    let lines = [columns, columns.map { _ in "---" }] + rows.map { $0.map { $0.replacing("|", with: "\\|") } }
    return lines.map { "| " + $0.joined(separator: " | ") + " |\n" }.joined()
  }

  // MARK: Pages

  private static let contents = page(
    "Reference",
    "Everything that can be written, and nothing that can't: generated from the program's own definitions.",
    """
    - Files: [a site](site.md), [a notifier](notifier.md), [slothunter.yaml](slothunter.md), and their JSON Schemas for
      editors: [site](site.schema.json), [notifier](notifier.schema.json), [slothunter](slothunter.schema.json)
    - What stands in them: [selectors](selectors.md), [types](types.md), [filters](filters.md),
      [message formats](formats.md)
    - The program: [commands and exit codes](commands.md), [metrics](metrics.md)

    Examples of everything are in the [cookbook](../cookbook.md), the reasons in the [guide](../guide.md).

    """)

  private static var selectors: String {
    let kinds = Builtins.catalog.extractors.map { extractor in
      let kind = type(of: extractor)
      return [
        "`\(kind.kind)`", kind.documents.map(\.rawValue).sorted().joined(separator: ", "), kind.summary,
      ]
    }
    return page(
      "Selectors", "What `kind:` of a selector there is.",
      """
      \(table(["kind", "reads", "what it is"], kinds))
      A text that begins with `$` is JSONPath, one that begins with `/`, `./`, `../` or `(` is XPath, and so are `.` and
      `..`; every other kind is spelled out, as `{ css: '.price' }`. Of a list the first that matches wins. A selector is at
      most 4,096 bytes long. `slothunter select` tries one on a file.

      """)
  }

  private static var types: String {
    let rows = TypeSpec.catalog.flatMap { info in
      info.examples.enumerated().map { index, example in
        let written = "`\(example.text)`" + (example.options.isEmpty ? "" : " with `\(example.options)`")
        return [
          index == 0 ? "`\(info.type.rawValue)`" : "", index == 0 ? info.summary : "", written, "`\(example.value)`",
        ]
      }
    }
    return page(
      "Types", "What can stand after `as:` of a field.",
      """
      Digits of every script, ي and ك, and ZWNJ are read as what they mean. Nothing is guessed: what can't be read as the
      type is a broken layout where the field is `required`, and null elsewhere. Values below are those of a site in Tehran.

      \(table(["type", "what it is", "a page says", "the value"], rows))
      Options: `calendar` and `format` of `instant`, `date` and `time`; `timezone` of `instant`; `unit` of `money`
      ([keys of a field](site.md#field)).

      """)
  }

  private static var filters: String {
    let rows = FilterChain.catalog.map { filter in
      let count = filter.arguments
      let arguments =
        count.lowerBound == count.upperBound ? "\(count.lowerBound)" : "\(count.lowerBound) to \(count.upperBound)"
      return ["`\(filter.name)`", arguments, "`\(filter.example)`", filter.summary]
    }
    return page(
      "Filters", "What can stand after `|` in a template, and in the list after `then:`.",
      "\(table(["filter", "arguments", "example", "what it does"], rows))\nNull passes through every filter but `default`.\n"
    )
  }

  private static var formats: String {
    let rows = Builtins.catalog.formats.map { format in
      let kind = type(of: format)
      return ["`\(kind.kind)`", kind.lengthUnit, kind.summary]
    }
    return page(
      "Message formats", "What `format:` of a notifier there is.",
      table(["format", "`max_length` counts", "what it is"], rows))
  }

  private static var commands: String {
    let list = SlotHunter.commands.map { command in
      "\n## \(command.name)\n\n```text\n\(command.help)\n```\n"
    }.joined()
    let codes = table(["code", "meaning"], ExitCode.allCases.map { ["\($0.rawValue)", $0.meaning] })
    return page(
      "Commands", "What `slothunter COMMAND --help` prints, and what the process exits with.",
      "## Exit codes\n\n\(codes)\(list)")
  }

  private static var metrics: String {
    let rows = MeterCatalog.all.sorted { $0.name < $1.name }.map {
      ["`\($0.name)`", $0.kind.rawValue, $0.labels.joined(separator: ", "), $0.help]
    }
    return page(
      "Metrics", "What `/metrics` of a running service tells; [how it is served](../metrics.md).",
      table(["metric", "type", "labels", "what it says"], rows))
  }
}
