/// A link as a person would write it: Persian letters instead of their percent-encoding, which takes six characters for
/// each and so most of an SMS. Phones link both.
///
/// Only letters, marks, digits and the zero-width non-joiner of non-ASCII scripts are decoded. ASCII escapes mean
/// something to the server and stay, and so does every run that is not UTF-8.
func readableLink(_ link: String) -> String {
  var result = ""
  var rest = Array(link.utf8)[...]
  while let first = rest.first {
    let run = escapedRun(rest)
    if !run.bytes.isEmpty, let text = String(validating: run.bytes, as: UTF8.self),
      text.unicodeScalars.allSatisfy(isWritten)
    {
      result += text
      rest = rest.dropFirst(run.length)
    } else {
      let kept = max(run.length, 1)
      result += kept == 1 ? String(UnicodeScalar(first)) : String(decoding: rest.prefix(kept), as: UTF8.self)
      rest = rest.dropFirst(kept)
    }
  }
  return result
}

/// The bytes that percent escapes at the start stand for, as far as they are not ASCII.
private func escapedRun(_ text: ArraySlice<UInt8>) -> (bytes: [UInt8], length: Int) {
  var bytes: [UInt8] = []
  var rest = text
  while rest.count >= 3, rest.first == UInt8(ascii: "%"),
    let byte = UInt8(String(decoding: rest.dropFirst().prefix(2), as: UTF8.self), radix: 16), byte >= 0x80
  {
    bytes.append(byte)
    rest = rest.dropFirst(3)
  }
  return (bytes, bytes.count * 3)
}

private func isWritten(_ scalar: UnicodeScalar) -> Bool {
  // The zero-width non-joiner stands inside Persian words.
  scalar.value == 0x200C || scalar.properties.isAlphabetic || scalar.properties.numericType != nil
    || scalar.properties.generalCategory == .nonspacingMark
}
