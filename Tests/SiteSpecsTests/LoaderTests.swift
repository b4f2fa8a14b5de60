import Diagnostics
import Language
import PluginHost
import Testing

@testable import SiteSpecs

struct LoaderTests {
  private func files(_ changes: [String: String?]) -> [String: String] {
    var files = Examples.files
    for (path, text) in changes { files[path] = text }
    return files
  }

  private let broken = "site: paziresh24\ntitel: x\n"

  @Test func `a bad site spec stops its own watches only`() throws {
    let second = Examples.site.replacing("paziresh24\n", with: "second\n", maxReplacements: 1)
    let result = loader(files(["sites/second.yaml": second, "sites/paziresh24.yaml": broken])).load("slothunter.yaml")
    let configuration = try #require(result.configuration)
    #expect(configuration.sites.map(\.id) == ["second"])
    #expect(configuration.watches.isEmpty)
    #expect(Array(result.failedSites.keys) == ["paziresh24"])
    #expect(result.failedSites["paziresh24"]?.isEmpty == false)
    #expect(result.diagnostics.contains { $0.severity == .warning && $0.message.contains("this watch does not run") })
  }

  @Test func `a site whose file broke goes on as it was`() throws {
    let before = try #require(loader(Examples.files).load("slothunter.yaml").configuration)
    let result = loader(files(["sites/paziresh24.yaml": broken])).load("slothunter.yaml", keeping: before.sites)
    let configuration = try #require(result.configuration)
    #expect(configuration.sites.map(\.version) == before.sites.map(\.version))
    #expect(configuration.watches.count == 1)
    #expect(result.failedSites["paziresh24"] != nil)
  }

  @Test func `a bad notifier that a channel uses stops the start`() {
    let result = loader(files(["notifiers/telegram.yaml": "notifier: telegram\n"])).load("slothunter.yaml")
    #expect(result.configuration == nil)
    #expect(result.diagnostics.contains { $0.location.file == "notifiers/telegram.yaml" })
  }

  @Test func `a bad notifier whose channels are off does not`() throws {
    let result = loader(files(["notifiers/smsir.yaml": "notifier: smsir\n"])).load("slothunter.yaml")
    #expect(try #require(result.configuration).channels.map(\.name) == ["telegram", "ops"])
    #expect(result.diagnostics.contains { $0.severity == .error })
  }

  @Test(arguments: ["", "- a\n", "sites: [sites]\nnotifiers: [notifiers]\nwatchs: []\n", "sites: [\n"])
  func `a bad configuration gives none`(text: String) {
    let result = loader(files(["slothunter.yaml": text])).load("slothunter.yaml")
    #expect(result.configuration == nil)
    #expect(!result.diagnostics.isEmpty)
  }

  @Test func `a file that is not there is named`() {
    let result = loader([:]).load("slothunter.yaml")
    #expect(result.configuration == nil)
    #expect(rendered(result.diagnostics).hasPrefix("slothunter.yaml:1:1: error: can't read the file: No such file"))
  }

  @Test func `paths start from the configuration's folder`() throws {
    let moved = Dictionary(uniqueKeysWithValues: Examples.files.map { ("/etc/slothunter/" + $0.key, $0.value) })
    let result = loader(moved).load("/etc/slothunter/slothunter.yaml")
    let configuration = try #require(result.configuration)
    #expect(configuration.store == "/etc/slothunter/data/slothunter.db")
    #expect(configuration.sites[0].file == "/etc/slothunter/sites/paziresh24.yaml")
  }

  @Test func `hidden files and other names are no specs`() {
    let result = loader(files(["sites/.paziresh24.yaml": "x", "sites/notes.md": "x", "sites/a.yaml~": "x"]))
      .load("slothunter.yaml")
    #expect(rendered(result.diagnostics) == "")
  }

  @Test func `two files of one name are refused`() {
    let result = loader(
      files(["sites/paziresh24.yml": Examples.site, "notifiers/telegram.yml": Examples.notifier])
    ).load("slothunter.yaml")
    #expect(result.configuration == nil)
    #expect(result.diagnostics.count { $0.message.hasPrefix("another file has the same name") } == 2)
    #expect(result.failedSites["paziresh24"] != nil)
  }

  @Test func `several folders and single files can be named`() throws {
    let text = Examples.configuration.replacing("sites: [sites]", with: "sites: [mine, sites/paziresh24.yaml]")
    let own = Examples.site.replacing("paziresh24\n", with: "own\n", maxReplacements: 1)
    let result = loader(files(["slothunter.yaml": text, "mine/own.yaml": own])).load("slothunter.yaml")
    #expect(try #require(result.configuration).sites.map(\.id) == ["own", "paziresh24"])
    #expect(result.paths.starts(with: ["slothunter.yaml", "notifiers"]))
  }

  @Test func `an interval that is not given is the site's shortest`() throws {
    let text = Examples.configuration.replacing("    every: 60s\n", with: "")
    let result = loader(files(["slothunter.yaml": text])).load("slothunter.yaml")
    #expect(try #require(result.configuration).watches[0].every == .seconds(60))
  }

  @Test func `hosts and user agent are taken`() throws {
    let text = Examples.configuration + "\nallow_hosts: [127.0.0.1:8001, 10.0.0.0/8]\nuser_agent: Me/1\n"
    let configuration = try #require(loader(files(["slothunter.yaml": text])).load("slothunter.yaml").configuration)
    #expect(configuration.allowedHosts == ["127.0.0.1:8001", "10.0.0.0/8"])
    #expect(configuration.userAgent == "Me/1")
  }

  @Test func `reading from the disk gives what memory gives`() throws {
    #expect(SpecFiles.disk.list("/nowhere-at-all") == nil)
    guard case .failure(let problem) = SpecFiles.disk.read("/dev/null", 10) else {
      Issue.record("a device was read")
      return
    }
    #expect(problem.reason == "not a file")
    guard case .success(let bytes) = SpecFiles.disk.read(#filePath, 6) else {
      Issue.record("this file was not read")
      return
    }
    #expect(bytes == Array("import".utf8))
  }
}

struct SecretTests {
  private let secret = "12:canary-of-this-test"

  @Test func `a resolved secret is in no diagnostic and no description`() throws {
    let result = loader(Examples.files, environment: ["TELEGRAM_BOT_TOKEN": secret, "WEBHOOK_SECRET": secret])
      .load("slothunter.yaml")
    let configuration = try #require(result.configuration)
    var dumped = ""
    dump(configuration, to: &dumped)
    #expect(!dumped.contains(secret))
    #expect(!rendered(result.diagnostics).contains(secret))
  }

  @Test func `what is put into an option that is no secret is one all the same`() throws {
    let text = Examples.configuration.replacing("https://ops.example/hook", with: "\"${HOOK}/x\"")
    var files = Examples.files
    files["slothunter.yaml"] = text
    let environment = ["TELEGRAM_BOT_TOKEN": "1", "WEBHOOK_SECRET": "2", "HOOK": "https://ops.example"]
    let configuration = try #require(loader(files, environment: environment).load("slothunter.yaml").configuration)
    guard case .secret(let url)? = configuration.channels[2].settings["url"] else {
      Issue.record("not kept as a secret")
      return
    }
    #expect(url.reveal() == "https://ops.example/x")
  }

  @Test func `values can never become YAML`() throws {
    let nasty = "x\"\n  enabled: false\n# {"
    let result = loader(Examples.files, environment: ["TELEGRAM_BOT_TOKEN": nasty, "WEBHOOK_SECRET": "2"])
      .load("slothunter.yaml")
    guard case .secret(let token)? = result.configuration?.channels[0].settings["token"] else {
      Issue.record("not a secret")
      return
    }
    #expect(token.reveal() == nasty)
  }

  @Test func `without secrets everything else is checked`() throws {
    let result = loader(Examples.files, environment: [:], ignoresSecrets: true).load("slothunter.yaml")
    #expect(rendered(result.diagnostics) == "")
    #expect(result.configuration != nil)
    #expect(loader(Examples.files, environment: [:]).load("slothunter.yaml").diagnostics.count == 2)
  }

  @Test func `a file's secret loses its last line break`() throws {
    var files = Examples.files
    files["slothunter.yaml"] = Examples.configuration.replacing("${WEBHOOK_SECRET}", with: "${file:/run/hook}")
    files["/run/hook"] = "whsec_abc\n"
    let configuration = try #require(loader(files).load("slothunter.yaml").configuration)
    guard case .secret(let secret)? = configuration.channels[2].settings["secret"] else {
      Issue.record("not a secret")
      return
    }
    #expect(secret.reveal() == "whsec_abc")
  }

  @Test(arguments: [
    ("${}", "'${}' is not the name of an environment variable"),
    ("a ${EMPTY}", "environment variable EMPTY is set to nothing"),
    ("${file:run/x}", "the path in ${file:…} begins with '/'"),
    ("${1A}", "'${1A}' is not the name of an environment variable"),
    ("x${A", "this '${' is never closed"),
  ])
  func `what can't be resolved is said`(text: String, message: String) {
    let substitution = Substitution(environment: ["EMPTY": ""], files: SpecFiles([:]), isLenient: false)
    let mistake = #expect(throws: Substitution.Mistake.self) { try substitution.resolve(text) }
    #expect(mistake?.message == message)
  }
}
