import Language
import PluginHost

/// A drift in a maintainer's message.
struct DriftWords {
  var spec: SiteSpec
  var step: String
  var watch: String
  var news: DriftNews

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

  private var title: (english: String, persian: String) {
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
    let place: Line = ("where: \(spec.file), step \(step)", "محل: \(spec.file)، گام \(step)")
    let watched: Line = ("watch: \(watch)", "پایش: \(watch)")
    let harmless: Line = (
      "users hear nothing of this, and still get their alerts", "به کاربران چیزی گفته نمی‌شود و هشدارها ادامه دارد"
    )
    let command: Line = (
      "see it: slothunter record \(ShellWord.quoted(watch)) --as drift",
      "ببینید: slothunter record \(ShellWord.quoted(watch)) --as drift"
    )
    switch news {
    case .fieldLost(let name, let rows):
      let selector = spec.step(step)?.fieldRules.first { $0.field.name == name }?.field
      let rule = selector.map { "\($0.keyPath): \($0.source.text)" } ?? name
      return [
        watched, place, ("selector: \(rule)", "گزینشگر: \(rule)"),
        (
          "it was there in nearly every row, and in none of the last \(rows)",
          "در بیشتر ردیف‌ها بود و در \(persianDigits("\(rows)")) ردیف آخر نیست"
        ),
        harmless, command,
      ]
    case .anchorLost(let anchor):
      return [
        watched, place, ("selector: \(anchor)", "گزینشگر: \(anchor)"),
        ("another alternative still matches", "گزینهٔ دیگری هنوز پیدا می‌شود"), harmless, command,
      ]
    case .layoutChanged(let from, let to):
      return [watched, place, ("before: \(from)", "پیش‌تر: \(from)"), ("now: \(to)", "اکنون: \(to)"), harmless, command]
    case .fieldBack, .anchorBack: return [watched, place]
    }
  }
}
