import Language
import PluginHost

/// What one sample has shown to have changed, in a maintainer's message.
struct DriftWords {
  var spec: SiteSpec
  var step: String
  var watch: String
  /// Not empty; all losses, or all back again.
  var news: [DriftNews]

  static func kind(_ news: DriftNews) -> String {
    switch news {
    case .fieldLost(let name, _): "field \(name) is empty"
    case .fieldBack(let name): "field \(name) is there again"
    case .anchorLost: "anchor lost"
    case .anchorBack: "anchor there again"
    case .layoutChanged: "layout changed"
    }
  }

  func message(_ language: String, at now: Instant) -> Message {
    let isPersian = language == "fa"
    let (english, persian) = title
    let lines = lines.map { isPersian ? $0.persian : $0.english }
    return Message(
      kind: .maintainer, site: spec.id, watch: watch, language: language,
      title: isPersian ? "سایت \(spec.id): \(persian)" : "\(spec.id): \(english)",
      lines: lines.map { Message.Line(text: $0) }, at: now)
  }

  private var title: Line {
    guard let first = news.first else { preconditionFailure("a message is of something") }
    let (english, persian) = DriftWords.title(first)
    let others = news.count - 1
    if others == 0 { return (english, persian) }
    return ("\(english), and \(others) more", "\(persian)، و \(persianDigits("\(others)")) مورد دیگر")
  }

  private static func title(_ news: DriftNews) -> Line {
    switch news {
    case .fieldLost(let name, _):
      ("the field '\(name)' has become empty (drift)", "فیلد «\(name)» خالی شده است (drift)")
    case .fieldBack(let name): ("the field '\(name)' is there again", "فیلد «\(name)» دوباره هست")
    case .anchorLost: ("an anchor matches no more (drift)", "یک لنگر دیگر پیدا نمی‌شود (drift)")
    case .anchorBack: ("an anchor matches again", "لنگر دوباره پیدا می‌شود")
    case .layoutChanged:
      ("the layout has changed, and still reads (drift)", "چیدمان عوض شده و هنوز خوانده می‌شود (drift)")
    }
  }

  private typealias Line = (english: String, persian: String)

  private var lines: [Line] {
    let watched: Line = ("watch: \(watch)", "پایش: \(watch)")
    let place: Line = ("where: \(spec.file), step \(step)", "محل: \(spec.file)، گام \(step)")
    let harmless: Line = (
      "users hear nothing of this, and still get their alerts", "به کاربران چیزی گفته نمی‌شود و هشدارها ادامه دارد"
    )
    let command: Line = (
      "see it: slothunter record \(ShellWord.quoted(watch)) --as drift",
      "ببینید: slothunter record \(ShellWord.quoted(watch)) --as drift"
    )
    let details = news.enumerated().flatMap { index, piece in
      (index == 0 ? [] : [DriftWords.title(piece)]) + specifics(piece)
    }
    return [watched, place] + details + (news.contains(where: \.isLoss) ? [harmless, command] : [])
  }

  private func specifics(_ piece: DriftNews) -> [Line] {
    switch piece {
    case .fieldLost(let name, let rows):
      let selector = spec.step(step)?.fieldRules.first { $0.field.name == name }?.field
      let rule = selector.map { "\($0.keyPath): \($0.source.text)" } ?? name
      return [
        ("selector: \(rule)", "گزینشگر: \(rule)"),
        (
          "it was there in nearly every row, and in none of the last \(rows)",
          "در بیشتر ردیف‌ها بود و در \(persianDigits("\(rows)")) ردیف آخر نیست"
        ),
      ]
    case .anchorLost(let anchor):
      return [
        ("selector: \(anchor)", "گزینشگر: \(anchor)"),
        ("another alternative still matches", "گزینهٔ دیگری هنوز پیدا می‌شود"),
      ]
    case .layoutChanged(let from, let to):
      return [("before: \(from)", "پیش‌تر: \(from)"), ("now: \(to)", "اکنون: \(to)")]
    case .fieldBack, .anchorBack: return []
    }
  }
}
