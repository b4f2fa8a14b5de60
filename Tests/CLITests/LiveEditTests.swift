import Glibc
import Language
import TestSupport
import Testing

/// The running service and its maintainer's editor.
struct LiveEditTests {
  @Test(arguments: EditorHabit.allCases)
  func `a save is taken up, whatever way an editor saves`(habit: EditorHabit) async throws {
    let world = try ServiceWorld()
    let home = try ServiceHome(world)
    let service = try await home.start()
    defer { service.end() }
    for title in ["first", "second"] {
      let site = try home.site.replacing("title: پذیرش۲۴", with: "title: \(title)")
        .replacing("title: first", with: "title: \(title)")
      try habit.save(site, to: home.path + "/sites/paziresh24.yaml")
      try await service.logged("spec taken up", "site=paziresh24", "version=\(fingerprint(site))")
    }
    #expect(service.lines("configuration rejected").isEmpty)
    #expect(service.lines("reload failed").isEmpty)
  }

  @Test func `a save that changes nothing is no reload`() async throws {
    let world = try ServiceWorld()
    let home = try ServiceHome(world)
    let service = try await home.start()
    defer { service.end() }
    let site = try home.site
    let path = home.path + "/sites/paziresh24.yaml"
    for habit in EditorHabit.allCases { try habit.save(site, to: path) }
    try #require(utimensat(AT_FDCWD, path, nil, 0) == 0)
    try home.write("not a spec", to: "sites/.paziresh24.yaml.swp")
    try home.write("not a spec", to: "sites/paziresh24.yaml~")
    try await service.runs(3)
    #expect(service.lines("reloaded").isEmpty)
    try home.write(site: site.replacing("title: پذیرش۲۴", with: "title: other"))
    try await service.logged("spec taken up", "site=paziresh24")
    #expect(service.lines("reloaded").count == 1)
  }

  @Test func `a rejected version is told the maintainers once, stands in status, and its mending is told`() async throws
  {
    let world = try ServiceWorld()
    let home = try ServiceHome(world)
    var service = try await home.start()
    let good = try home.site
    let line = try #require(good.split(separator: "\n", omittingEmptySubsequences: false).firstIndex(of: "steps:")) + 1
    try home.write(site: good.replacing("steps:\n", with: "stpes:\n"))
    try await eventually("the maintainers' message", story: { service.log }) { world.maintainerPosts.count == 1 }
    let told = world.maintainerPosts[0]
    #expect(told.title == "sites/paziresh24.yaml is not taken up: the version \(fingerprint(good)) goes on")
    #expect(told.lines.contains { $0.contains("sites/paziresh24.yaml:\(line):1: unknown key 'stpes'") }, "\(told)")
    let status = try await home.command("status")
    #expect(status.status == 1 && status.out.contains("rejected sites/paziresh24.yaml"), "\(status)")
    #expect(status.out.contains("sites/paziresh24.yaml:\(line):1: unknown key 'stpes'"))
    #expect(try await home.status().text("$.incidents[0].detail").contains("unknown key 'stpes'"))
    // Another reload, with the same version still there, tells nothing; nor does a restart.
    service.signal(SIGHUP)
    try await service.logged("reloaded", "cause=SIGHUP")
    service.end()
    service = try home.launch("--log=info")
    defer { service.end() }
    try await service.logged("running")
    // Broken otherwise is another version.
    try home.write(site: good.replacing("rows:\n", with: "rosw:\n"))
    try await eventually("the second message", story: { service.log }) { world.maintainerPosts.count == 2 }
    #expect(world.maintainerPosts[1].lines.contains { $0.contains("'rosw'") })
    try home.write(site: good)
    try await eventually("the end", story: { service.log }) { world.maintainerPosts.count == 3 }
    #expect(world.maintainerPosts[2].title == "sites/paziresh24.yaml: taken up, what is written there runs")
    try await service.runs(2)
    #expect(try await home.status().texts("$.incidents[*].key").isEmpty)
    #expect(world.maintainerPosts.count == 3 && world.posts.isEmpty)
  }

  @Test
  func `a notifier that is rejected, or a configuration of any name, leaves what ran before running, and says so`()
    async throws
  {
    let world = try ServiceWorld()
    let home = try ServiceHome(world)
    let configuration = try text(of: home.path + "/slothunter.yaml")
    try home.write(configuration, to: "clinic.yaml")
    let service = try home.launch("--config=clinic.yaml", "--log=info")
    defer { service.end() }
    try await service.runs(1)
    let good = try text(of: home.path + "/notifiers/telegram.yaml")
    try home.write(
      good.replacing("format: telegram_html", with: "format: telegram_htlm"), to: "notifiers/telegram.yaml")
    try await eventually("the first message", story: { service.log }) { world.maintainerPosts.count == 1 }
    #expect(
      world.maintainerPosts[0].title
        == "notifiers/telegram.yaml is not taken up: the configuration before it goes on")
    try home.write(good, to: "notifiers/telegram.yaml")
    try await eventually("its end", story: { service.log }) { world.maintainerPosts.count == 2 }
    try home.write(configuration.replacing("channels:", with: "chanels:"), to: "clinic.yaml")
    try await eventually("the second message", story: { service.log }) { world.maintainerPosts.count == 3 }
    #expect(world.maintainerPosts[2].title == "clinic.yaml is not taken up: the configuration before it goes on")
    // A site that never ran has nothing that could go on.
    try home.write(configuration, to: "clinic.yaml")
    try await eventually("its end", story: { service.log }) { world.maintainerPosts.count == 4 }
    try home.write("site: fresh\nstpes: []\n", to: "sites/fresh.yaml")
    try await eventually("the third message", story: { service.log }) { world.maintainerPosts.count == 5 }
    #expect(world.maintainerPosts[4].title == "sites/fresh.yaml is not taken up: what it is for does not run")
    #expect(world.posts.isEmpty)
  }

  @Test func `a version that breaks its samples is refused and told; a mended sample or SIGHUP lets it in`()
    async throws
  {
    let world = try ServiceWorld()
    let home = try ServiceHome(world)
    try home.copySample("paziresh24/with-slots")
    let service = try await home.start()
    defer { service.end() }
    let good = try home.site
    let breaking = good.replacing("anchor: $.calendar.turns", with: "anchor: $.calender.turns")
    try home.write(site: breaking)
    try await service.logged("samples read otherwise", "site=paziresh24", "taken=no", "samples/paziresh24/with-slots")
    try await service.logged("configuration rejected", "sites/paziresh24.yaml:", "expected items, gives layout_broken")
    try await eventually("the maintainers' message", story: { service.log }) { world.maintainerPosts.count == 1 }
    try await service.runs(2, verdict: "unchanged")
    // Other edits of it, and other files, come and go; the refusal stays until what it was for is another thing.
    try home.removeSample("paziresh24/with-slots")
    try await service.logged("spec taken up", "version=\(fingerprint(breaking))")
    try await service.runs(1, verdict: "layout_broken")

    // What runs can't read its site: samples of how it was hold nothing up.
    try home.copySample("paziresh24/with-slots")
    let still = breaking.replacing("title: پذیرش۲۴", with: "title: other")
    try home.write(site: still)
    try await service.logged("spec taken up", "version=\(fingerprint(still))")
    try home.write(site: good)
    try await service.logged("samples read as expected", "version=\(fingerprint(good))")
    try await service.runs(2, verdict: "unchanged")
    try home.write(site: breaking)
    try await service.logged("samples read otherwise", "taken=no", times: 2)
    service.signal(SIGHUP)
    try await service.logged("spec taken up", "version=\(fingerprint(breaking))", times: 2)
    #expect(world.posts.isEmpty)
  }

  @Test func `samples that hold no answer to what a version asks refuse nothing, other items are noted`() async throws {
    let world = try ServiceWorld()
    let home = try ServiceHome(world)
    try home.copySample("paziresh24/with-slots")
    try home.copySample("paziresh24/challenge-page")
    let service = try await home.start()
    defer { service.end() }
    let good = try home.site
    let fewer = good.replacing("drop: start <= now", with: "drop: center_id == '204' or start <= now")
    try home.write(site: fewer)
    try await service.logged("samples read as expected", "samples=2", "other_items=samples/paziresh24/with-slots")
    try await service.logged("spec taken up", "version=\(fingerprint(fewer))")
    let asking = good.replacing("getFreeDays", with: "getFreeDaysOfAll")
    try home.write(site: asking)
    try await service.logged(
      "samples read as expected", "samples=1", "no_answer_to_it=samples/paziresh24/with-slots", fingerprint(asking))
    try await service.logged("spec taken up", "version=\(fingerprint(asking))")
    #expect(world.posts.isEmpty)
  }

  @Test func `a sample that the running version fails too holds no edit up`() async throws {
    let world = try ServiceWorld()
    let home = try ServiceHome(world)
    try home.copySample("paziresh24/with-slots")
    // As one of an older layout would be.
    let page = home.path + "/samples/paziresh24/with-slots/expected.json"
    try home.write(
      TestSupport.text(of: page).replacing("\"items\"", with: "\"gone\""),
      to: "samples/paziresh24/with-slots/expected.json")
    let service = try await home.start()
    defer { service.end() }
    let edited = try home.site.replacing("title: پذیرش۲۴", with: "title: other")
    try home.write(site: edited)
    try await service.logged("spec taken up", "version=\(fingerprint(edited))")
    #expect(service.lines("configuration rejected").isEmpty)
  }

  @Test func `files that come and go bring watches and take them away`() async throws {
    let world = try ServiceWorld()
    let home = try ServiceHome(world)
    let service = try await home.start()
    defer { service.end() }
    let site = try home.site
    let twin = site.replacing("site: paziresh24", with: "site: clinic")
    let added = try await home.command("watch", "add", "clinic", "--param", "slug=dr-other")
    #expect(added.status != 0)
    try home.write(twin, to: "sites/clinic.yaml")
    try await service.logged("spec taken up", "site=clinic")
    let again = try await home.command("watch", "add", "clinic", "--param", "slug=dr-other")
    #expect(again.status == 0, "\(again)")
    try await service.logged(" run watch=clinic/dr-other", "verdict=items")
    try #require(unlink(home.path + "/sites/clinic.yaml") == 0)
    try await service.logged("spec removed", "site=clinic")
    let known = service.lines(" run watch=clinic/dr-other").count
    try await service.runs(3)
    #expect(service.lines(" run watch=clinic/dr-other").count <= known + 1)
    // Back again it goes on from its snapshot: nothing is news.
    try home.write(twin, to: "sites/clinic.yaml")
    try await service.logged("spec taken up", "site=clinic", times: 2)
    let seen = service.lines(" run watch=clinic/dr-other", "changes=0").count
    try await eventually("runs again", story: { service.log }) {
      service.lines(" run watch=clinic/dr-other", "changes=0").count > seen
    }
    // A file that the configuration still names is missed: what runs goes on.
    try #require(unlink(home.path + "/sites/paziresh24.yaml") == 0)
    try await service.logged("configuration rejected", "slothunter.yaml:", "paziresh24")
    try await service.runs(2)
    try home.write(site: site)
    try await service.logged("maintainers are told", "incident=rejected|slothunter.yaml", "ended=yes")
    #expect(world.posts.isEmpty)
  }
}
