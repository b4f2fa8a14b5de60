extension Registry {
  /// `Content-Type` of ``exposition()``.
  public static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  /// Everything in Prometheus's text format, version 0.0.4
  /// (<https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format>).
  public func exposition() -> String {
    var text = ""
    for family in all { family.write(to: &text) }
    return text
  }
}

extension Registry.Family {
  fileprivate func write(to text: inout String) {
    let name = description.name
    text += "# HELP \(name) \(escaped(description.help, quotes: false))\n"
    text += "# TYPE \(name) \(description.kind.rawValue)\n"
    for (labels, instrument) in members.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
      switch instrument {
      case .counter(let counter): line(&text, name, labels, number(counter.count))
      case .gauge(let gauge): line(&text, name, labels, number(gauge.value))
      case .histogram(let histogram): write(histogram, labels, to: &text)
      }
    }
  }

  private func write(_ histogram: Histogram, _ labels: [String], to text: inout String) {
    let (counts, nanoseconds) = histogram.reading
    var total = 0
    for (index, count) in counts.enumerated() {
      total += count
      let bounds = description.buckets?.bounds ?? []
      let bound = index < bounds.count ? seconds(bounds[index]) : "+Inf"
      line(&text, description.name + "_bucket", labels, "\(total)", bound: bound)
    }
    line(&text, description.name + "_sum", labels, seconds(nanoseconds))
    line(&text, description.name + "_count", labels, "\(total)")
  }

  /// - Parameter value: nil for one that is not to be shown.
  private func line(
    _ text: inout String, _ name: String, _ labels: [String], _ value: String?, bound: String? = nil
  ) {
    guard let value else { return }
    var pairs = zip(description.labels, labels).map { "\($0)=\"\(escaped($1, quotes: true))\"" }
    if let bound { pairs.append("le=\"\(bound)\"") }
    text += name
    if !pairs.isEmpty { text += "{" + pairs.joined(separator: ",") + "}" }
    text += " " + value + "\n"
  }

  private func number(_ value: Int) -> String? { value == 0 && description.hidesZeros ? nil : "\(value)" }

  private func number(_ value: Double) -> String? {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
    // Whole numbers without a point, as far as a Double is exact.
    return value == value.rounded() && value.magnitude < 0x1p53 ? "\(Int(value))" : "\(value)"
  }
}

/// Nanoseconds as seconds, exactly and without zeros at the end: `0.0025`, `15`.
private func seconds(_ nanoseconds: Int) -> String {
  let (whole, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
  guard rest != 0 else { return "\(whole)" }
  var digits = String(1_000_000_000 + rest).dropFirst()
  while digits.last == "0" { digits.removeLast() }
  return "\(whole).\(digits)"
}

private func escaped(_ text: String, quotes: Bool) -> String {
  guard text.utf8.contains(where: { $0 == UInt8(ascii: "\\") || $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\"") })
  else { return text }
  let lines = text.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
  return quotes ? lines.replacing("\"", with: "\\\"") : lines
}
