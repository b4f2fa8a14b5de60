import Language
import PluginHost

/// What a redesign, a proxy or a broken line does to an answer.
struct Breakage: Sendable {
  /// The row of the matrix it counts in.
  var kind: Kind
  /// What is special about it within its kind: the name that was changed, the place of the cut.
  var detail: String
  var apply: @Sendable (Response) -> Response

  enum Kind: String, Sendable, CaseIterable {
    case renamed = "class or key renamed"
    case wrapped = "wrapper added"
    case moved = "element moved"
    case emptied = "list emptied"
    case login = "login page"
    case challenge = "challenge page"
    case charset = "charset broken"
    case cut = "cut off"
  }

  init(_ kind: Kind, _ detail: String = "", _ apply: @escaping @Sendable (Response) -> Response) {
    self.kind = kind
    self.detail = detail
    self.apply = apply
  }

  /// Everything that is done to the answers of one step.
  ///
  /// - Parameters:
  ///   - spec: Names that stand in its text are renamed; what nobody reads may be called what it likes.
  ///   - answers: As they were recorded.
  static func all(for spec: SiteSpec, _ answers: [Response]) -> [Breakage] {
    let names = Set(answers.flatMap { PageText($0).names }).filter { spec.text.contains($0) }.sorted()
    return names.map(rename) + [wrapAll, wrapRows, move, empty] + pages + charsets + cuts
  }

  private static func rename(_ name: String) -> Breakage {
    Breakage(.renamed, name) { $0.with(PageText($0).renaming(name)) }
  }

  private static let wrapAll = Breakage(.wrapped, "around all") { $0.with(PageText($0).wrapped) }
  private static let wrapRows = Breakage(.wrapped, "around each row") { $0.with(PageText($0).rowsWrapped) }
  private static let move = Breakage(.moved) { $0.with(PageText($0).moved) }
  private static let empty = Breakage(.emptied) { $0.with(PageText($0).emptied) }

  private static let pages = [
    Breakage(.login, "200") { _ in .page("<title>ورود</title><form action=/login><input name=mobile></form>") },
    Breakage(.login, "401") { _ in .page("<title>Sign in</title><form><input name=mobile></form>", 401) },
    Breakage(.challenge, "200") { _ in .page("<title>Just a moment...</title><div id=cf-wrapper></div>") },
    Breakage(.challenge, "403") { _ in .page("<title>Attention Required!</title>", 403) },
    Breakage(.challenge, "503") { _ in .page("<title>Just a moment...</title>", 503) },
  ]

  private static let charsets = [
    Breakage(.charset, "bytes that are no text") { answer in
      var answer = answer
      answer.body.insert(contentsOf: [0xFF, 0xFE, 0xC3, 0x28], at: answer.body.count / 2)
      return answer
    },
    Breakage(.charset, "UTF-16 without a word of it") { answer in
      var answer = answer
      answer.body = String(decoding: answer.body, as: UTF8.self).utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
      return answer
    },
    Breakage(.charset, "called windows-1256") { answer in
      var answer = answer
      let type = answer.header("Content-Type")?.split(separator: ";").first.map(String.init) ?? "text/html"
      answer.headers = [.init("Content-Type", type + "; charset=windows-1256")]
      return answer
    },
  ]

  private static let cuts = [25, 50, 75, 99].map { part in
    Breakage(.cut, "at \(part) %") { answer in
      var answer = answer
      answer.body = Array(answer.body.prefix(answer.body.count * part / 100))
      return answer
    }
  }
}

extension Response {
  fileprivate func with(_ text: String) -> Response {
    var answer = self
    answer.body = Array(text.utf8)
    return answer
  }

  fileprivate static func page(_ inner: String, _ status: Int = 200) -> Response {
    Response(
      status: status, headers: [.init("Content-Type", "text/html; charset=utf-8")],
      body: Array("<!DOCTYPE html><html><head><meta charset=utf-8></head><body>\(inner)</body></html>".utf8), url: "")
  }
}
