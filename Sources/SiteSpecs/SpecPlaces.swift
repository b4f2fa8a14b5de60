import Diagnostics

extension SpecReader {
  /// Where a value of a file stands: for what is found out about a spec after it was read.
  ///
  /// - Parameter keyPath: Of mappings only: `items.key`.
  public static func place(
    of keyPath: String, file: String, bytes: [UInt8]
  ) -> (location: SpecLocation, excerpt: String?)? {
    let reading = YAMLReader().read(file: file, bytes: bytes)
    var entry = reading.root.map { Entry(node: $0, key: nil, path: "") }
    for name in keyPath.split(separator: ".") { entry = entry?.members?.first { $0.name == name } }
    return entry.map { found in
      let location = reading.source.location(found.node.start)
      return (location, reading.source.text(ofLine: location.line))
    }
  }
}
