import Engine
import Fetchers
import Language
import PluginHost

/// A run on its way to becoming a sample: scrubbed, written, replayed and compared.
struct Recording {
  var spec: SiteSpec
  var params: [String: String]
  /// What the run took for the present.
  var now: Instant
  var exchanges: [RunExchange]

  struct Written {
    var folder: String
    var tally: [(place: String, counts: [Scrubbing.Kind: Int])]
    /// In which what is read after scrubbing is not what was read before.
    var differences: [SampleDifference]
    var replay: SampleReplay
    /// Steps whose bodies are no UTF-8: names were not looked for in them.
    var unread: [String]
  }

  func write(to folder: String, secrets: [Secret], names: [String]) async throws -> Written {
    let whole = SampleFiles.steps(exchanges)
    let before = try await SampleReplay(try sample(whole, params, folder), spec: spec)
    var scrubbing = Scrubbing(now: now, spec: spec)
    look(&scrubbing, whole, secrets, names)
    let clean = scrub(&scrubbing, whole)
    let cleanParams = params.mapValues { scrubbing.scrubbed($0, at: nil) }
    let after = try await SampleReplay(try sample(clean, cleanParams, folder), spec: spec)
    guard case .object(let expected) = scrubbing.scrubbed(before.updated) else { throw broken("no object") }
    let differences = SampleComparison(
      expected: expected, found: ExpectedResult(after.result, after.items, spec), spec: spec
    ).differences
    var file = JSONObject([
      (
        "params",
        .object(JSONObject(spec.parameters.compactMap { name in cleanParams[name].map { (name, .string($0)) } }))
      ),
      ("now", Value.instant(now).json(zone: spec.zone)),
    ])
    if case .object(let found) = after.updated {
      for (name, value) in zip(found.names, found.values) { file[name] = value }
    }
    var files = SampleFiles.files(clean, forms: forms)
    files.append(SampleFiles.File(name: "expected.json", bytes: Array((JSON.object(file).prettyText + "\n").utf8)))
    try checkClean(files, scrubbing)
    try SampleFiles.write(files, to: folder)
    return Written(
      folder: folder, tally: scrubbing.tally, differences: differences, replay: after,
      unread: names.isEmpty
        ? [] : whole.filter { String(validating: $0.response.body, as: UTF8.self) == nil }.map(\.step))
  }

  private var forms: Set<String> {
    Set(spec.steps.filter { if case .form = $0.request.body { true } else { false } }.map(\.name))
  }

  private func look(_ scrubbing: inout Scrubbing, _ exchanges: [RunExchange], _ secrets: [Secret], _ names: [String]) {
    scrubbing.add(secrets: secrets, names: names)
    for exchange in exchanges { scrubbing.find(cookies: exchange.response.headers) }
    for exchange in exchanges {
      scrubbing.find(in: exchange.url)
      if let body = exchange.body { scrubbing.find(in: "&" + String(decoding: body, as: UTF8.self)) }
      for header in exchange.response.headers where SampleFiles.keptHeaders.contains(header.name.lowercased()) {
        scrubbing.find(in: header.value)
      }
      scrubbing.find(in: Scrubbing.text(of: exchange.response.body))
    }
    for value in params.values.sorted() { scrubbing.find(in: value) }
  }

  private func scrub(_ scrubbing: inout Scrubbing, _ exchanges: [RunExchange]) -> [RunExchange] {
    exchanges.enumerated().map { index, exchange in
      var clean = exchange
      let place = "\(index + 1)-\(exchange.step)"
      clean.url = scrubbing.scrubbed(exchange.url, at: place + " URL")
      if let body = exchange.body { clean.body = scrubbing.scrubbed(body, at: place + " request") }
      clean.response.url = clean.url
      clean.response.headers = exchange.response.headers.map { header in
        let isKept = SampleFiles.keptHeaders.contains(header.name.lowercased())
        return Request.Header(
          header.name, isKept ? scrubbing.scrubbed(header.value, at: place + " header") : header.value)
      }
      clean.response.body = scrubbing.scrubbed(exchange.response.body, at: place + " answer")
      return clean
    }
  }

  private func sample(_ exchanges: [RunExchange], _ params: [String: String], _ folder: String) throws -> SampleCase {
    let forms = forms
    let recorded = exchanges.map { exchange -> RecordedExchange in
      var response = exchange.response
      response.headers = response.headers.filter {
        $0.name.lowercased() == "content-type" || SampleFiles.keptHeaders.contains($0.name.lowercased())
      }
      return RecordedExchange(
        method: exchange.method, url: exchange.url,
        body: exchange.body.map { body in
          guard forms.contains(exchange.step) else { return .bytes(body) }
          return .form(Dictionary(formFields(body).map { ($0.name, $0.value) }) { first, _ in first })
        }, response: response)
    }
    return SampleCase(folder: folder, exchanges: recorded, params: params, now: now)
  }

  /// The last word before anything is written: whatever was to go is in no file.
  private func checkClean(_ files: [SampleFiles.File], _ scrubbing: Scrubbing) throws(CommandFailure) {
    for file in files {
      let left = scrubbing.residue(
        in: Scrubbing.text(of: file.bytes), hasTokens: file.name != "expected.json")
      guard left.isEmpty else {
        throw broken("\(file.name) would still hold a \(left.map(\.rawValue).sorted().joined(separator: " and a "))")
      }
    }
  }

  private func broken(_ what: String) -> CommandFailure {
    CommandFailure(.internalError, "the recording could not be scrubbed: \(what); nothing was written")
  }
}

extension Scrubbing {
  /// Bytes that are no UTF-8 one by one, so that numbers and Latin words in them are found.
  static func text(of body: [UInt8]) -> String {
    String(validating: body, as: UTF8.self) ?? String(String.UnicodeScalarView(body.map { Unicode.Scalar($0) }))
  }
}
