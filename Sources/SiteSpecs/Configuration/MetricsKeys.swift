import Diagnostics
import PluginHost

struct MetricsDraft {
  var listen: (address: ListenAddress, entry: Entry)?
  var allowRemote = false
}

extension KeyTable where Target == MetricsDraft {
  static let metrics = KeyTable(
    "metrics",
    [
      Key(
        "listen", "Address and port, as numbers; port 0 takes a free one, which the log names.",
        .form(name: "address with a port", example: "127.0.0.1:9464", pattern: Shape.listenAddress, takes: .text),
        required: true
      ) { entry, draft, context in
        draft.listen = context.listenAddress(entry).map { ($0, entry) }
      },
      Key(
        "allow_remote", "Whether the address may be one that other machines reach.", Reading<Bool>.boolean,
        default: "false", into: \.allowRemote),
    ])
}

extension Shape {
  /// Numbers, as ``ListenAddress`` reads them.
  fileprivate static let listenAddress = #"^([0-9]{1,3}(\.[0-9]{1,3}){3}|\[[0-9A-Fa-f:.]+\]):[0-9]{1,5}$"#
}

extension SpecContext {
  /// nil where nothing is to be served, or what stands there is wrong.
  func metrics(_ entry: Entry) -> MetricsSettings? {
    var draft = MetricsDraft()
    guard KeyTable<MetricsDraft>.metrics.read(entry, into: &draft, self) != nil, let (address, place) = draft.listen
    else { return nil }
    guard address.isLoopback || draft.allowRemote else {
      error(
        .openMetrics, "'listen': other machines can reach \(address), and nobody is asked for a password there",
        at: place,
        help: "write 127.0.0.1:\(address.port), or allow_remote: true beside it")
      return nil
    }
    return MetricsSettings(listen: address, place: "\(location(of: place))")
  }

  fileprivate func listenAddress(_ entry: Entry) -> ListenAddress? {
    guard let text = Reading<String>.text(entry, self) else { return nil }
    if let address = ListenAddress(text) { return address }
    return mismatch(
      "an address with a port, such as 127.0.0.1:9464", entry,
      help: "as in 127.0.0.1:9464; names are not looked up; IPv6 is [::1]:9464")
  }
}
