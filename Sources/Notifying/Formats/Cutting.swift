/// `text` within `limit` UTF-16 units, with `…` where something was cut off.
///
/// Cut after a sentence where one ends in the second half of the room, else after a word there, else between graphemes.
func cut(_ text: String, to limit: Int) -> String {
  guard text.utf16.count > limit else { return text }
  let room = limit - 1
  guard room >= 0 else { return "" }
  var end = text.startIndex
  var used = 0
  var lastWord: String.Index?
  var lastSentence: String.Index?
  for index in text.indices {
    let character = text[index]
    let width = character.utf16.count
    guard used + width <= room else { break }
    if used >= room / 2 {
      if character == " " {
        lastWord = index
        if index > text.startIndex, text[text.index(before: index)].endsSentence { lastSentence = index }
      }
    }
    used += width
    end = text.index(after: index)
  }
  return text[..<(lastSentence ?? lastWord ?? end)] + "…"
}

extension Character {
  fileprivate var endsSentence: Bool { ".!?؟۔;؛".contains(self) }
}
