/// Every problem found in one pass, kept in the order in which a reader meets them.
public struct DiagnosticList: Sendable, Hashable {
  /// More errors, and more warnings, than this in one file help nobody; the rest are counted. Errors are counted apart, or a
  /// hundred warnings would hide the one thing that must not be accepted. Found by trying: three screens.
  public static let mostPerFile = 100

  public private(set) var all: [Diagnostic] = []
  /// Left out beyond ``mostPerFile``, by file.
  public private(set) var omitted: [String: Int] = [:]
  private var counts: [Counted: Int] = [:]
  private var hasOmittedErrors = false
  private var told: Set<Told> = []

  private struct Counted: Sendable, Hashable {
    var file: String
    var isError: Bool
  }

  private struct Told: Sendable, Hashable {
    var location: SpecLocation
    var message: String
  }

  public init(_ diagnostics: some Sequence<Diagnostic> = []) {
    for diagnostic in diagnostics { append(diagnostic) }
  }

  /// Others in the place of these; what was left out stays counted.
  public func keepingOmitted(_ diagnostics: [Diagnostic]) -> DiagnosticList {
    var list = DiagnosticList(diagnostics)
    list.hasOmittedErrors = list.hasOmittedErrors || hasOmittedErrors
    list.omitted.merge(omitted) { $0 + $1 }
    return list
  }

  public var isEmpty: Bool { all.isEmpty }
  public var hasErrors: Bool { hasOmittedErrors || all.contains { $0.severity == .error } }

  /// Adds a problem; one that says the same of the same place is added once.
  public mutating func append(_ diagnostic: Diagnostic) {
    let file = diagnostic.location.file
    let counted = Counted(file: file, isError: diagnostic.severity == .error)
    guard counts[counted, default: 0] < Self.mostPerFile else {
      omitted[file, default: 0] += 1
      if diagnostic.severity == .error { hasOmittedErrors = true }
      return
    }
    guard told.insert(Told(location: diagnostic.location, message: diagnostic.message)).inserted else { return }
    counts[counted, default: 0] += 1
    all.append(diagnostic)
  }

  /// By file, line and column; of one place, errors first. The last of a file says how many more there are.
  public var sorted: [Diagnostic] {
    var sorted = inOrder
    for (file, count) in omitted {
      guard let last = sorted.lastIndex(where: { $0.location.file == file }) else { continue }
      sorted[last].notes.append(Diagnostic.Note("\(count) more problems of this file are not shown"))
    }
    return sorted
  }

  private var inOrder: [Diagnostic] {
    all.enumerated().sorted { a, b in
      if a.element.location != b.element.location { return a.element.location < b.element.location }
      if a.element.severity != b.element.severity { return a.element.severity == .error }
      return a.offset < b.offset
    }.map(\.element)
  }

  /// All of them as ``Diagnostic/rendered(colour:width:)`` gives each, an empty line between two.
  public func rendered(colour: Bool = false, width: Int = Diagnostic.defaultWidth) -> String {
    var parts = inOrder.map { $0.rendered(colour: colour, width: width) }
    for (file, count) in omitted.sorted(by: { $0.key < $1.key }) { parts.append("\(file): \(count) more not shown\n") }
    return parts.joined(separator: "\n")
  }

  /// `2 errors, 1 warning`; empty when there is nothing to say.
  public var summary: String {
    let errors = all.count { $0.severity == .error }
    let warnings = all.count - errors
    return [counted(errors, "error"), counted(warnings, "warning")].filter { !$0.isEmpty }.joined(separator: ", ")
  }
}

private func counted(_ count: Int, _ word: String) -> String {
  switch count {
  case 0: ""
  case 1: "1 \(word)"
  default: "\(count) \(word)s"
  }
}
