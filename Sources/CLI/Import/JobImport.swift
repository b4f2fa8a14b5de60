import Engine
import Language
import PluginHost
import SiteSpecs

/// A job of urlwatch or webchanges as a site spec and a watch.
struct JobImport {
  let part: ForeignFile.Part
  private var job: JSONObject { part.value }

  /// People name jobs by their addresses.
  private var name: String? { job.plain("name").map { ForeignAddress($0).clean } }

  init(_ part: ForeignFile.Part) { self.part = part }

  mutating func take(into imported: inout Imported, _ report: inout ImportReport, notify: [String]) {
    report.jobs += 1
    guard let url = address(&report) else { return }
    var filters = JobFilters()
    filters.take(part, &report)
    let id = JobImport.id(name ?? url, taken: Set(imported.sites.map(\.id)))
    let text = spec(id, url, filters, &imported, &report)
    let (spec, problems) = SpecReader(catalog: Builtins.catalog).readSite(file: id + ".yaml", text: text)
    guard spec != nil else {
      let why = problems.first { $0.severity == .error }?.message ?? "unknown"
      return report.leave(part.place(""), name ?? "job", "no spec could be made of it: \(why)")
    }
    imported.sites.append((id, text))
    report.sites += 1
    leaveOthers(&report)
    guard job["enabled"] != .bool(false) else {
      return report.leave(part.place("enabled"), "enabled", "its spec is written, and no watch of it")
    }
    let first = job.isTrue("treat_new_as_changed") ? "all" : "none"
    imported.watches.append(
      Imported.Watch(
        site: id, every: "30m", notify: notify.map { $0.replacing("first: none", with: "first: \(first)") },
        remark: "line \(part.line) of \(part.file); cron said when, `every` does here"))
    report.watches += 1
  }

  private func address(_ report: inout ImportReport) -> String? {
    if let command = job["command"] {
      _ = command
      report.leave(
        part.place("command"), "command", "no command is run; what it fetched may have an address of its own")
      return nil
    }
    if let url = job.plain("url") { return withoutSecrets(url, "url", &report) }
    if let url = job.plain("navigate") {
      report.leave(part.place("navigate"), "navigate", JobImport.advice["navigate"] ?? "")
      return withoutSecrets(url, "navigate", &report)
    }
    report.leave(part.place(""), job.names.first ?? "job", "a job needs `url`")
    return nil
  }

  private func withoutSecrets(_ url: String, _ key: String, _ report: inout ImportReport) -> String {
    let address = ForeignAddress(url)
    if address.hadLogIn || address.hadSecret {
      report.leave(
        part.place(key), key, "it holds what looks like a secret, which was left out: site specs hold none")
    }
    return address.clean
  }

  private func leaveOthers(_ report: inout ImportReport) {
    for name in job.names where !JobImport.carried.contains(name) && name != "navigate" {
      // Keys that begin so are remarks in webchanges.
      guard !name.hasPrefix("_") else { continue }
      let advice =
        JobImport.advice[name] ?? "SlotHunter has nothing by that name; `slothunter explain` shows what a site has"
      let isNeedless = advice.hasPrefix("!")
      let words = isNeedless ? String(advice.dropFirst()) : advice
      report.leave(part.place(name), name, words.isEmpty ? "read with `data`" : words, needless: isNeedless)
    }
  }

  // MARK: The spec

  private func spec(
    _ id: String, _ url: String, _ filters: JobFilters, _ imported: inout Imported, _ report: inout ImportReport
  ) -> String {
    let title = name ?? id
    var text =
      "# Imported from \(part.file), line \(part.line). Is `anchor` there when the list is empty? Then make it so.\n"
    if let note = job.plain("note") {
      let address = ForeignAddress(note)
      let isPlain = !JobBody.hasSecret(.string(note)) && !address.hadLogIn && !address.hadSecret
      text += "# \(FirstSpec.comment(isPlain ? note : "its note, which seems to hold a secret, was left out"))\n"
    }
    text += "site: \(id)\ntitle: \(FirstSpec.quoted(title))\ntimezone: UTC\n"
    text += "limits: { rate: 20/min, concurrency: 1, min_interval: 60s, robots: ignore }\n"
    text += request(&imported, &report)
    let method = (job.plain("method") ?? (job["data"] == nil ? "get" : "post")).lowercased()
    text += "steps:\n  - step: page\n    \(method): \(JobImport.template(url))\n"
    text += body(method, &report)
    if filters.isJSON {
      text += "    anchor: $\n"
    } else {
      text += "    anchor: \"//*\"\n"
    }
    text += "    rows:\n"
    if filters.isSingle {
      text += "      # slothunter: allow single-row because the job took what its filter gave as one\n"
    }
    text += "      each: \(filters.rows ?? "\"//body\"")\n"
    if let limit = filters.limit { text += "      limit: \(limit)\n" }
    let own = filters.isJSON ? "{ json: $, as: text }" : "{ xpath: \".\", as: text }"
    // A whole page is one item, whose text may change.
    if filters.rows == nil {
      text += "      fields: { part: { xpath: \"name(.)\" }, text: \(own) }\n"
    } else {
      text += "      fields: { text: \(own) }\n"
    }
    text += "items:\n  key: [\(filters.rows == nil ? "part" : "text")]\n"
    if filters.rows == nil { text += "  track: [text]\n" }
    let keep = filters.keep + (filters.rows == nil ? [] : ["text != ''"])
    if !keep.isEmpty { text += "  keep: \(FirstSpec.quoted(keep.map { "(\($0))" }.joined(separator: " and ")))\n" }
    text += "  expect: { count: 0..1000 }\n"
    let link = job.plain("user_visible_url").map { withoutSecrets($0, "user_visible_url", &report) } ?? url
    return text + alert(title, link, isWhole: filters.rows == nil)
  }

  private func alert(_ title: String, _ link: String, isWhole: Bool) -> String {
    let on =
      isWhole
      ? "[updated]"
      : job.isTrue("additions_only") ? "[added]" : job.isTrue("deletions_only") ? "[removed]" : "[added, removed]"
    let name = FirstSpec.quoted(FirstSpec.plain(title))
    return """
      alert:
        on: \(on)
        title: { en: \(name), fa: \(name) }
        line: { en: "{text | truncate: 300}", fa: "{text | truncate: 300}" }
        link: \(JobImport.template(link))
        useful_for: 1d

      """
  }

  private func request(_ imported: inout Imported, _ report: inout ImportReport) -> String {
    var lines: [String] = []
    var headers: [String] = []
    if let agent = job.plain("user_agent") { headers.append("User-Agent: \(JobImport.template(agent))") }
    if case .object(let given)? = job["headers"] {
      for (name, value) in zip(given.names, given.values) {
        let path = "headers.\(name)"
        let text = Value(json: value).plainText
        if let why = JobImport.refusal(ofHeader: name, value: text) {
          report.leave(part.place(path), path, why)
        } else {
          headers.append("\(FirstSpec.quoted(name)): \(JobImport.template(text))")
        }
      }
    }
    if !headers.isEmpty { lines.append("headers: { \(headers.joined(separator: ", ")) }") }
    if let timeout = job.plain("timeout").flatMap({ Double($0) }) {
      if timeout > 30 || timeout <= 0 {
        report.leave(
          part.place("timeout"), "timeout", "30s is the most, from the start to the last byte: that is taken")
      }
      lines.append(
        "timeout: \(timeout > 30 || timeout <= 0 ? "30s" : DurationText.format(.milliseconds(Int64(timeout * 1000))))")
    }
    for name in ["https_proxy", "proxy", "http_proxy"] {
      guard let proxy = job.plain(name) else { continue }
      // A proxy's address holds a password more often than not.
      let value =
        proxy.contains("@") || proxy.contains("$")
        ? imported.need("SITE_PROXY", "the proxy of \(part.file), line \(part.place(name).line)", value: proxy)
        : FirstSpec.quoted(proxy)
      lines.append("proxy: \(value)")
      break
    }
    return lines.isEmpty ? "" : "request:\n" + lines.map { "  \($0)\n" }.joined()
  }

  private func body(_ method: String, _ report: inout ImportReport) -> String {
    guard let data = job["data"] else { return "" }
    guard method != "get", method != "head" else {
      report.leave(part.place("data"), "data", "a \(method.uppercased()) request has no body; write it as `query:`")
      return ""
    }
    guard !JobBody.hasSecret(data) else {
      report.leave(
        part.place("data"), "data",
        "it seems to hold a password or token: site specs hold no secrets, and pages behind a log-in are not read")
      return ""
    }
    if job.isTrue("data_as_json"), JobBody.isNested(data) { return "    json: \(JobBody.written(data))\n" }
    guard case .object(let fields) = data else {
      return "    body: \(JobImport.template(Value(json: data).plainText))\n"
    }
    let pairs = zip(fields.names, fields.values).compactMap { name, value -> String? in
      guard !JobBody.isNested(value) else {
        report.leave(
          part.place("data.\(name)"), "data.\(name)",
          "a form has no fields in fields: write each as the page sends it, or `json:`")
        return nil
      }
      return "\(FirstSpec.quoted(name)): \(JobImport.template(Value(json: value).plainText))"
    }
    return pairs.isEmpty ? "" : "    form: { \(pairs.joined(separator: ", ")) }\n"
  }
}
