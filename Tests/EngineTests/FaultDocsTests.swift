import Glibc
import PluginHost
import TestSupport
import Testing

/// docs/faults.md holds the table that the tests prove, not a copy that somebody has to keep.
struct FaultDocsTests {
  private static let file = packageRoot + "/docs/faults.md"
  private static let marks = (
    begin: "<!-- table of Tests/EngineTests/FaultTable.swift -->", end: "<!-- end of the table -->"
  )

  /// `UPDATE_SAMPLES=1` writes it, and fails: look at `git diff`, then run again.
  @Test func `the document's table is the one that is proven`() throws {
    let document = try text(of: Self.file)
    let begin = try #require(document.firstRange(of: Self.marks.begin)?.upperBound)
    let end = try #require(document.firstRange(of: Self.marks.end)?.lowerBound)
    let table = "\n\n" + Self.table + "\n"
    let isSame = document[begin..<end] == table
    if !isSame, getenv("UPDATE_SAMPLES") != nil {
      let file = try #require(fopen(Self.file, "w"))
      fputs(document[..<begin] + table + document[end...], file)
      fclose(file)
    }
    #expect(isSame, "docs/faults.md is not what FaultTable.swift says; UPDATE_SAMPLES=1 rewrites it")
  }

  private static var table: String {
    var text = """
      | fault | what happens | label | request heard | sites | webhook, Telegram | SMS |
      |---|---|---|---|---|---|---|

      """
    for row in FaultRow.all {
      let labels = row.reasons.map { "`\($0.rawValue)`" }.joined(separator: " or ")
      let next = [FaultClient.fetch, .telegram, .sms].map { client in
        var words: [String] = []
        for word in row.reasons.map({ client.next(after: $0).rawValue }) where !words.contains(word) {
          words.append(word)
        }
        return words.isEmpty ? "answered" : words.joined(separator: " or ")
      }
      text += "| \(row.name) | \(row.means) | \(labels.isEmpty ? "none" : labels) | \(row.heard.rawValue) | "
      text += next.joined(separator: " | ") + " |\n"
    }
    return text
  }
}
