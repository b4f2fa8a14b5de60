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

    /// `slothunter.yaml` is its operator's own and may list 100,000 watches of some 150 bytes and 10 values; specs, which
    /// are passed from hand to hand, keep the limits above. Depth and aliases, which cost more than they weigh, stay.
    static let ofConfiguration = Budget(size: 64 << 20, nodes: 4_000_000)
  }

  var budget = Budget()

  struct Reading {
    var source: YAMLSource
    /// nil where the file holds nothing or can't be read.
    var root: YAMLNode?
    /// What a list that was kept apart holds.
    var elements: [YAMLNode] = []
    var diagnostics: [Diagnostic]
  }

  /// - Parameter detached: A key of the file whose list is left empty and given beside the tree: it may be long, and is
  ///   let go of while it is read.
  func read(file: String, bytes: [UInt8], detaching detached: String? = nil) -> Reading {
    let source = YAMLSource(file: file, bytes: bytes.count > budget.size ? Array(bytes.prefix(1024)) : bytes)
    guard bytes.count <= budget.size else {
      let problem = source.diagnostic(
        .fileTooLarge, at: 0, "the file has \(bytes.count) bytes, above the limit of \(budget.size)")
      return Reading(source: source, root: nil, diagnostics: [problem])
    }
    if let problem = source.encodingProblem { return Reading(source: source, root: nil, diagnostics: [problem]) }
    var builder = YAMLTreeBuilder(source: source, budget: budget)
    builder.detached = detached
    do {
      let root = try builder.build()
      return Reading(source: source, root: root, elements: builder.elements, diagnostics: builder.diagnostics)
    } catch {
      return Reading(source: source, root: nil, diagnostics: builder.diagnostics + [error])
    }
  }
}
