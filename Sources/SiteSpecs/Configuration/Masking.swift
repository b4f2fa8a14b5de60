import Diagnostics

extension SpecContext {
  /// Everything found, with secrets that are written into the file blotted out of the excerpts.
  var maskedDiagnostics: [Diagnostic] {
    guard !secrets.isEmpty else { return diagnostics.sorted }
    return diagnostics.sorted.map { diagnostic in
      var masked = diagnostic
      masked.excerpt = diagnostic.excerpt.map { mask($0, line: diagnostic.location.line) }
      return masked
    }
  }

  var maskedList: DiagnosticList {
    guard !secrets.isEmpty else { return diagnostics }
    var list = DiagnosticList()
    for diagnostic in maskedDiagnostics { list.append(diagnostic) }
    return list
  }

  /// As many dots as the secret has scalars, so that the caret stays where it is.
  private func mask(_ excerpt: String, line: Int) -> String {
    let start = source.scalarIndex(ofLine: line)
    let scalars = excerpt.unicodeScalars.enumerated().map { offset, scalar in
      secrets.contains { $0.contains(start + offset) } ? "•" : scalar
    }
    return String(String.UnicodeScalarView(scalars))
  }
}
