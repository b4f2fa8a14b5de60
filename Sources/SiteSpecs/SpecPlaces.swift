import Diagnostics

extension SpecReader {
  /// Where a value of a file stands: for what is found out about a spec after it was read.
  ///
  /// - Parameter keyPath: `items.key`, `steps[0].get`.
  public static func place(
    of keyPath: String, file: String, bytes: [UInt8]
  ) -> (location: SpecLocation, excerpt: String?)? {
    let reading = YAMLReader().read(file: file, bytes: bytes)
    var entry = reading.root.map { Entry(node: $0, key: nil, path: "") }
    for part in keyPath.split(separator: ".") {
      // `steps[0]` is a member and then an element.
      let name = part.prefix { $0 != "[" }
      entry = entry?.members?.first { $0.name == name }
      guard name.count < part.count, let index = Int(part.dropFirst(name.count + 1).dropLast()) else { continue }
      entry = entry?.elements.flatMap { $0.indices.contains(index) ? $0[index] : nil }
    }
    return entry.map { found in
      let location = reading.source.location(found.node.start)
      return (location, reading.source.text(ofLine: location.line))
    }
  }
}
