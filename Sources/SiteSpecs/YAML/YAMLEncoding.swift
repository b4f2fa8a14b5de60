import Diagnostics

extension YAMLSource {
  /// What keeps the bytes from being YAML in UTF-8, nil where nothing does.
  ///
  /// Checked before libyaml sees them: it names a byte offset at best, and reads UTF-16 in which no place can be shown.
  var encodingProblem: Diagnostic? {
    if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) || bytes.prefix(2).contains(0) {
      return diagnostic(.encoding, at: 0, "the file is not UTF-8 text (it looks like UTF-16)", help: "save it as UTF-8")
    }
    return firstBadByte.map { offset, message, help in
      diagnostic(.encoding, at: scalarIndex(ofByte: offset), message, help: help)
    }
  }

  /// The first byte that is no UTF-8 or of a scalar that YAML does not have.
  private var firstBadByte: (Int, String, String?)? {
    // Nearly every file is well formed, and that is quickly known.
    if let text = String(validating: bytes, as: UTF8.self), text.unicodeScalars.allSatisfy(isAllowed) { return nil }
    var decoder = Unicode.UTF8.ForwardParser()
    var input = bytes.makeIterator()
    var offset = 0
    while true {
      switch decoder.parseScalar(from: &input) {
      case .emptyInput: return nil
      case .error: return (offset, "this byte is not UTF-8", "save the file as UTF-8")
      case .valid(let encoded):
        let scalar = Unicode.UTF8.decode(encoded)
        if !isAllowed(scalar) {
          return (offset, "the control character \(name(of: scalar)) can't stand here", "remove it")
        }
        offset += encoded.count
      }
    }
  }

  /// `c-printable` of YAML 1.2, section 5.1, less the byte order mark.
  private func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x09, 0x0A, 0x0D, 0x20...0x7E, 0x85, 0xA0...0xD7FF, 0xE000...0xFEFE, 0xFF00...0xFFFD, 0x10000...0x10FFFF: true
    default: false
    }
  }

  private func name(of scalar: Unicode.Scalar) -> String {
    let digits = String(scalar.value, radix: 16, uppercase: true)
    return "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }
}
