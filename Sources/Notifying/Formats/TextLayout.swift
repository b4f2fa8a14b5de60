import PluginHost

/// A message as clean pieces that fit a limit, before any markup: title, lines, a note of what was left out, a link.
///
/// Lengths are UTF-16 units of what is shown, line breaks between pieces included.
struct TextLayout {
  struct Line: Equatable {
    var text: String
    var link: String?
  }

  var title: String
  var lines: [Line]
  var note: String?
  /// The address, or the words that stand for it.
  var linkText: String?
  var link: String?
  var omitted: Int

  /// - Parameters:
  ///   - limit: nil lays out everything.
  ///   - linkText: What is shown for the link; the link itself where the channel shows addresses.
  init(_ message: Message, limit: Int?, linkText: (String) -> String) {
    title = cleanLine(message.title)
    lines = message.lines.map { line in
      Line(
        text: Wording.prefix(line.change, message.language) + cleanLine(line.text),
        link: safeLink(line.link).flatMap { $0 == message.link ? nil : $0 })
    }
    link = safeLink(message.link)
    self.linkText = link.map(linkText)
    omitted = 0
    if let limit { fit(limit, language: message.language) }
  }

  /// The pieces, one a line, without markup.
  var shown: String {
    var pieces = title.isEmpty ? [] : [title]
    pieces += lines.map(\.text)
    if let note { pieces.append(note) }
    if let linkText { pieces.append(linkText) }
    return pieces.joined(separator: "\n")
  }

  /// Whole lines first; then the link gives way where it takes more than half; then the title and the first line are
  /// cut.
  private mutating func fit(_ limit: Int, language: String) {
    guard shown.utf16.count > limit else { return }
    if let length = linkText?.utf16.count, length + 1 > limit / 2 {
      linkText = nil
      link = nil
    }
    let all = lines
    keep(wholeLines(of: all, within: limit, language), of: all, language)
    guard shown.utf16.count > limit || lines.isEmpty else { return }
    keep(min(1, all.count), of: all, language)
    if shown.utf16.count > limit { shorten(to: limit) }
  }

  /// How many lines can be shown whole beside the note of the others, the title and the link.
  private func wholeLines(of all: [Line], within limit: Int, _ language: String) -> Int {
    var used = title.utf16.count + (linkText.map { $0.utf16.count + 1 } ?? 0)
    var kept = 0
    for (index, line) in all.enumerated() {
      used += line.text.utf16.count + 1
      if used > limit { break }
      let left = all.count - index - 1
      let note = left > 0 ? Wording.omitted(left, language).utf16.count + 1 : 0
      if used + note <= limit { kept = index + 1 }
    }
    return kept
  }

  private mutating func keep(_ count: Int, of all: [Line], _ language: String) {
    lines = Array(all.prefix(count))
    omitted = all.count - count
    note = omitted > 0 ? Wording.omitted(omitted, language) : nil
  }

  /// A title takes at most half of the room where a line needs the rest.
  private mutating func shorten(to limit: Int) {
    let rest = shown.utf16.count - title.utf16.count - (lines.first?.text.utf16.count ?? 0)
    let room = max(0, limit - rest)
    guard let line = lines.first else {
      title = cut(title, to: room)
      return
    }
    let forLine = max(room - title.utf16.count, room / 2)
    lines[0].text = cut(line.text, to: forLine)
    title = cut(title, to: room - lines[0].text.utf16.count)
    if shown.utf16.count > limit { dropWhatIsNotTitle(limit) }
  }

  /// For limits so small that not even the note fits.
  private mutating func dropWhatIsNotTitle(_ limit: Int) {
    omitted += lines.count
    lines = []
    note = nil
    linkText = nil
    link = nil
    title = cut(title, to: limit)
  }
}
