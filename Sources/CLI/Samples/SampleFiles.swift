import Engine
import Fetchers
import Language
import PluginHost

/// The exchanges of a run as the files of a case.
struct SampleFiles {
  struct File: Hashable {
    var name: String
    var bytes: [UInt8]
  }

  /// Headers that decide what an answer means; all others say who asked, or where the answer stood in a cache.
  static let keptHeaders: Set<String> = ["location", "retry-after"]

  /// Redirects as two exchanges: the address that was asked, and the one that answered.
  static func steps(_ exchanges: [RunExchange]) -> [RunExchange] {
    exchanges.flatMap { exchange -> [RunExchange] in
      var answer = exchange
      guard !exchange.response.url.isEmpty, exchange.response.url != exchange.url else { return [exchange] }
      answer.url = exchange.response.url
      // 307 and 308 keep the method, so the second request looks like the first (RFC 9110, 15.4.8).
      let hop = Response(
        status: 307, headers: [Request.Header("Location", exchange.response.url)], body: [], url: exchange.url)
      return [
        RunExchange(
          step: exchange.step, method: exchange.method, url: exchange.url, body: exchange.body, response: hop),
        answer,
      ]
    }
  }

  /// - Parameter forms: Steps that send a form.
  static func files(_ exchanges: [RunExchange], forms: Set<String>) -> [File] {
    let width = max(2, "\(exchanges.count)".count)
    return exchanges.enumerated().flatMap { index, exchange -> [File] in
      let number = "\(index + 1)"
      let stem = "exchanges/" + String(repeating: "0", count: width - number.count) + number + "-" + exchange.step
      var files = [
        File(
          name: stem + ".request.yaml",
          bytes: Array(request(exchange, isForm: forms.contains(exchange.step)).utf8))
      ]
      if !exchange.response.body.isEmpty {
        files.append(File(name: stem + ".response." + ending(of: exchange.response), bytes: exchange.response.body))
      }
      return files
    }
  }

  private static func request(_ exchange: RunExchange, isForm: Bool) -> String {
    var lines = ["method: \(exchange.method.rawValue)", "url: \(exchange.url)"]
    if let body = exchange.body {
      if isForm {
        lines.append("form:")
        for field in formFields(body) { lines.append("  \(text(field.name)): \(JSON.string(field.value).text)") }
      } else {
        lines.append("body: \(JSON.string(String(decoding: body, as: UTF8.self)).text)")
      }
    }
    lines.append("status: \(exchange.response.status)")
    if let type = exchange.response.header("Content-Type") { lines.append("content_type: \(JSON.string(type).text)") }
    let kept = exchange.response.headers.filter { keptHeaders.contains($0.name.lowercased()) }
    if !kept.isEmpty {
      lines.append("headers:")
      for header in kept { lines.append("  \(header.name): \(JSON.string(header.value).text)") }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func text(_ text: String) -> String {
    let isPlain = text.utf8.allSatisfy { byte in
      (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x5F
    }
    return isPlain && !text.isEmpty ? text : JSON.string(text).text
  }

  private static func ending(of response: Response) -> String {
    let type = response.header("Content-Type")?.lowercased() ?? ""
    return type.contains("json") ? "json" : type.contains("html") ? "html" : type.contains("xml") ? "xml" : "txt"
  }
}
