import Diagnostics
import Language

extension Diagnostic {
  /// One object, as docs/diagnostics.md describes it. Keys are never renamed or removed.
  var json: JSON {
    .object(
      JSONObject([
        ("severity", .string(severity.rawValue)), ("code", .text(code?.rawValue)), ("file", .string(location.file)),
        ("line", .integer(Int64(location.line))), ("column", .integer(Int64(location.column))),
        ("end_line", end.map { .integer(Int64($0.line)) } ?? .null),
        ("end_column", end.map { .integer(Int64($0.column)) } ?? .null), ("key_path", .string(keyPath)),
        ("message", .string(message)), ("help", help.map(JSON.string) ?? .null), ("notes", .array(notes.map(\.json))),
        ("fix", fix?.json ?? .null),
      ]))
  }
}

extension Diagnostic.Note {
  fileprivate var json: JSON {
    .object(
      JSONObject([
        ("message", .string(message)), ("at", .text(location?.description)), ("file", .text(location?.file)),
        ("line", location.map { .integer(Int64($0.line)) } ?? .null),
        ("column", location.map { .integer(Int64($0.column)) } ?? .null),
      ]))
  }
}

extension Fix {
  fileprivate var json: JSON {
    .object(
      JSONObject([
        ("title", .string(title)),
        (
          "edits",
          .array(
            edits.map { edit in
              .object(
                JSONObject([
                  ("line", .integer(Int64(edit.start.line))), ("column", .integer(Int64(edit.start.column))),
                  ("end_line", .integer(Int64(edit.end.line))), ("end_column", .integer(Int64(edit.end.column))),
                  ("text", .string(edit.text)),
                ]))
            })
        ),
      ]))
  }
}
