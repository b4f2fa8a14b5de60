import Glibc
import TestSupport
import Testing

/// Compares with the file at `path`. `UPDATE_SAMPLES=1` rewrites it and fails: the difference is to be read.
func expectGolden(_ found: String, at path: String) throws {
  let expected = try? text(of: path)
  if getenv("UPDATE_SAMPLES") != nil {
    guard expected != found else { return }
    try write(found, to: path)
    Issue.record("rewritten: \(path)")
    return
  }
  #expect(found == expected, "UPDATE_SAMPLES=1 rewrites the golden files")
}

private func write(_ text: String, to path: String) throws {
  guard let file = fopen(path, "wb") else { throw FileProblem(path: path, number: errno) }
  defer { fclose(file) }
  let bytes = Array(text.utf8)
  guard fwrite(bytes, 1, bytes.count, file) == bytes.count else { throw FileProblem(path: path, number: errno) }
}
