extension Diagnostic {
  /// Columns of the excerpt before it is cut.
  public static let defaultWidth = 110

  /// The problem as a person reads it, ending in a line break.
  ///
  /// - Parameters:
  ///   - colour: Only where a terminal shows it.
  ///   - width: The most scalars of a source line that are shown.
  public func rendered(colour: Bool = false, width: Int = Diagnostic.defaultWidth) -> String {
    let paint = Paint(isOn: colour)
    let label = paint(severity == .error ? .red : .yellow, "\(severity.rawValue):")
    let name = code.map { " [\($0.rawValue)]" } ?? ""
    var lines = ["\(paint(.bold, "\(location):")) \(label) \(paint(.bold, oneLine(message)))\(name)"]
    let number = String(location.line)
    let margin = String(repeating: " ", count: number.count)
    if let excerpt {
      let shown = Excerpt(line: excerpt, column: location.column, width: width)
      lines.append(paint(.blue, "\(number) |") + (shown.text.isEmpty ? "" : " " + shown.text))
      let caret = String(repeating: " ", count: shown.indent) + paint(.red, shown.caret)
      lines.append(paint(.blue, "\(margin) |") + " " + caret + (keyPath.isEmpty ? "" : " " + shownKeyPath))
    } else if !keyPath.isEmpty {
      lines.append("\(margin) = at: \(shownKeyPath)")
    }
    if let help { lines.append("\(margin) = \(paint(.green, "help:")) \(oneLine(help))") }
    for note in notes {
      let place = note.location.map { " at \($0)" } ?? ""
      lines.append("\(margin) = \(paint(.blue, "note:")) \(oneLine(note.message))\(place)")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Cut in the middle: the end says which key it is, the beginning where to look.
  private var shownKeyPath: String {
    let scalars = keyPath.unicodeScalars.map(Excerpt.printable)
    guard scalars.count > 120 else { return String(String.UnicodeScalarView(scalars)) }
    let head = String(String.UnicodeScalarView(scalars.prefix(50)))
    return head + "…" + String(String.UnicodeScalarView(scalars.suffix(69)))
  }
}

extension Diagnostic: CustomStringConvertible {
  public var description: String { rendered() }
}

/// A message never breaks the layout, whatever the file put into it.
private func oneLine(_ text: String) -> String {
  String(String.UnicodeScalarView(text.unicodeScalars.map { $0 == "\n" ? " " : Excerpt.printable($0) }))
}

/// ANSI colours, or none.
private struct Paint {
  enum Ink: String {
    case bold = "1"
    case red = "1;31"
    case yellow = "1;33"
    case green = "32"
    case blue = "34"
  }

  var isOn: Bool

  func callAsFunction(_ ink: Ink, _ text: String) -> String { isOn ? "\u{1B}[\(ink.rawValue)m\(text)\u{1B}[0m" : text }
}
