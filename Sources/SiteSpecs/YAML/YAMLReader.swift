import Diagnostics

/// Reads one YAML document into nodes with places, within budgets.
///
/// Built on libyaml's events, which have no limit of their own: nesting costs it quadratic time, and an alias bomb is a
/// handful of events whose expansion happens here.
struct YAMLReader {
  struct Budget: Sendable {
    /// In bytes.
    var size = 1 << 20
    var depth = 64
    /// With what aliases stand for counted each time.
    var nodes = 200_000
    var aliases = 100
    /// As many as may be used.
    var anchors = 100
  }

  var budget = Budget()

  struct Reading {
    var source: YAMLSource
    /// nil where the file holds nothing or can't be read.
    var root: YAMLNode?
    var diagnostics: [Diagnostic]
  }

  func read(file: String, bytes: [UInt8]) -> Reading {
    let source = YAMLSource(file: file, bytes: bytes.count > budget.size ? Array(bytes.prefix(1024)) : bytes)
    guard bytes.count <= budget.size else {
      let problem = source.diagnostic(at: 0, "the file has \(bytes.count) bytes, above the limit of \(budget.size)")
      return Reading(source: source, root: nil, diagnostics: [problem])
    }
    if let problem = source.encodingProblem { return Reading(source: source, root: nil, diagnostics: [problem]) }
    var builder = YAMLTreeBuilder(source: source, budget: budget)
    do {
      let root = try builder.build()
      return Reading(source: source, root: root, diagnostics: builder.diagnostics)
    } catch {
      return Reading(source: source, root: nil, diagnostics: builder.diagnostics + [error])
    }
  }
}
