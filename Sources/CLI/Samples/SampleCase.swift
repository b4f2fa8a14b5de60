import Diagnostics
import Fetchers
import Language
import PluginHost
import SiteSpecs

/// A recording: a folder with `exchanges/NN-<step>.request.yaml`, its answers beside them, and `expected.json`.
struct SampleCase: Sendable {
  var folder: String
  var exchanges: [RecordedExchange]
  /// From `expected.json`, where there is one.
  var params: [String: String] = [:]
  var now: Instant?
  var expected: JSON?

  /// One that is not written yet.
  init(folder: String, exchanges: [RecordedExchange], params: [String: String], now: Instant) {
    self.folder = folder
    self.exchanges = exchanges
    self.params = params
    self.now = now
  }

  init(folder: String) throws {
    self.folder = folder
    let inner = folder + "/exchanges"
    let place = Files.isDirectory(inner) ? inner : folder
    let names = try Files.list(place)
    let requests = names.filter { $0.hasSuffix(".request.yaml") }
    guard !requests.isEmpty else {
      throw CommandFailure(
        .noInput, "\(place): no recorded exchange", help: "a recording has files named 01-step.request.yaml")
    }
    exchanges = try requests.map { try SampleCase.exchange(place + "/" + $0, names, place) }
    let path = folder + "/expected.json"
    guard Files.exists(path) else { return }
    try readExpected(path)
  }

  /// Whether the run, or a branch of it, is to end so.
  func expects(_ verdict: String) -> Bool {
    guard case .object(let object)? = expected else { return false }
    if object["verdict"] == .string(verdict) { return true }
    guard case .object(let branches)? = object["branches"] else { return false }
    return branches.values.contains(.string(verdict))
  }

  private mutating func readExpected(_ path: String) throws {
    let bytes = try Files.read(path)
    let json: JSON
    do throws(JSONSyntaxError) {
      json = try JSON(parsing: bytes)
    } catch {
      throw CommandFailure(.invalid, "\(path): \(error)")
    }
    expected = json
    guard case .object(let object) = json else { return }
    if case .object(let given)? = object["params"] {
      for (name, value) in zip(given.names, given.values) { params[name] = Value(json: value).plainText }
    }
    if case .string(let text)? = object["now"] {
      now = try TryCommand.instant(text, zone: .utc)
    }
  }

  private static func exchange(_ path: String, _ names: [String], _ folder: String) throws -> RecordedExchange {
    let (json, diagnostics) = PlainYAML.read(file: path, bytes: try Files.read(path))
    if let problem = diagnostics.first { throw CommandFailure(.invalid, problem.rendered()) }
    guard case .object(let request)? = json, case .string(let url)? = request["url"] else {
      throw CommandFailure(.invalid, "\(path): `url` is missing")
    }
    let word = request["method"].map { Value(json: $0).plainText } ?? "GET"
    guard let method = Request.Method(rawValue: word) else {
      throw CommandFailure(.invalid, "\(path): '\(word)' is no method")
    }
    var match: RecordedExchange.BodyMatch?
    if case .string(let body)? = request["body"] { match = .bytes(Array(body.utf8)) }
    if let form = request["form"], case .object(let fields) = form {
      match = .form(
        Dictionary(uniqueKeysWithValues: zip(fields.names, fields.values.map { Value(json: $0).plainText })))
    }
    return RecordedExchange(
      method: method, url: url, body: match, response: try response(request, path, names, folder, url))
  }

  private static func response(
    _ request: JSONObject, _ path: String, _ names: [String], _ folder: String, _ url: String
  ) throws -> Response {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    let stem = name.dropLast(".request.yaml".count) + ".response."
    let body = try names.first { $0.hasPrefix(stem) }.map { try Files.read(folder + "/" + $0) } ?? []
    var status = 200
    if case .integer(let number)? = request["status"] { status = Int(number) }
    var headers: [Request.Header] = []
    if case .string(let type)? = request["content_type"] { headers.append(.init("Content-Type", type)) }
    if case .object(let more)? = request["headers"] {
      for (name, value) in zip(more.names, more.values) { headers.append(.init(name, Value(json: value).plainText)) }
    }
    return Response(status: status, headers: headers, body: body, url: url)
  }
}
