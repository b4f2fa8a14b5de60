import Diffing
import Language
import PluginHost
import Testing

struct LifeTests {
  @Test func `the first reading is a baseline: everything is open and nothing is news`() {
    var branch = Branch(LifeRules(settle: .seconds(60)))
    #expect(branch.read([slot("a"), slot("b")], at: at(0)).isEmpty)
    #expect(branch.state("a") == .open)
    #expect(branch.records?["b"]?.lives == 1)
  }

  @Test func `an empty baseline is one too: what comes after it is news`() {
    var branch = Branch()
    #expect(branch.read([], at: at(0)).isEmpty)
    #expect(branch.read([slot("a")], at: at(60)).words == ["added a"])
  }

  @Test func `equal readings hold and say nothing`() {
    var branch = Branch(LifeRules(track: ["price"]))
    _ = branch.read([slot("a")], at: at(0))
    for minute in 1...50 { #expect(branch.read([slot("a")], at: at(Int64(minute) * 60)).isEmpty) }
    #expect(branch.records?["a"]?.lastSeen == at(3000))
    #expect(branch.records?["a"]?.since == at(0))
  }

  @Test func `a reading against itself gives nothing at all`() {
    let records = [ItemRecord(item: slot("a"), state: .open, since: at(0), firstSeen: at(0), lastSeen: at(9), lives: 1)]
    let same = diff(before: records, reading: BranchReading(items: [slot("a")]), rules: LifeRules(), now: at(9))
    #expect(same == BranchDiff(changes: [], records: []))
  }

  @Test func `medisnip 5: a slot that is taken and free again is news again`() {
    var branch = Branch()
    _ = branch.read([], at: at(0))
    #expect(branch.read([slot("09:00")], at: at(60)).words == ["added 09:00"])
    #expect(branch.read([], at: at(120)).words == ["removed 09:00"])
    #expect(branch.read([slot("09:00")], at: at(180)).words == ["added 09:00"])
    #expect(branch.records?["09:00"]?.lives == 2)
    #expect(branch.records?["09:00"]?.firstSeen == at(60))
  }

  @Test func `changedetection 855: all of history does not silence the second sale`() {
    var branch = Branch()
    _ = branch.read([slot("full price")], at: at(0))
    for sale in 1...5 {
      let start = Int64(sale) * 10_000
      #expect(branch.read([slot("sale")], at: at(start)).words == ["added sale", "removed full price"])
      #expect(branch.read([slot("full price")], at: at(start + 60)).words == ["added full price", "removed sale"])
    }
  }

  @Test func `P24_SlotHunter: a slot that stays open is told once, not in every cycle`() {
    var branch = Branch()
    _ = branch.read([], at: at(0))
    let told = (1...200).flatMap { branch.read([slot("09:00"), slot("09:20")], at: at(Int64($0) * 60)) }
    #expect(told.words == ["added 09:00", "added 09:20"])
  }

  @Test func `an item back sooner than reopen_after is open again without a word`() {
    var branch = Branch(LifeRules(reopenAfter: .seconds(600)))
    _ = branch.read([slot("a")], at: at(0))
    #expect(branch.read([], at: at(60)).words == ["removed a"])
    #expect(branch.read([slot("a")], at: at(659)).isEmpty)
    #expect(branch.state("a") == .open)
    #expect(branch.read([], at: at(700)).words == ["removed a"])
    #expect(branch.read([slot("a")], at: at(1300)).words == ["added a"])
  }

  @Test func `with settle an item is news once it has stayed`() {
    var branch = Branch(LifeRules(settle: .seconds(120)))
    _ = branch.read([], at: at(0))
    #expect(branch.read([slot("a")], at: at(60)).isEmpty)
    #expect(branch.state("a") == .arriving)
    #expect(branch.read([slot("a")], at: at(179)).isEmpty)
    #expect(branch.read([slot("a")], at: at(180)).words == ["added a"])
  }

  @Test func `with settle a blink is no news in either direction`() {
    var branch = Branch(LifeRules(settle: .seconds(120)))
    _ = branch.read([slot("held")], at: at(0))
    #expect(branch.read([slot("blink")], at: at(60)).isEmpty)
    #expect(branch.state("held") == .leaving)
    #expect(branch.read([slot("held")], at: at(120)).isEmpty)
    #expect(branch.state("held") == .open)
    #expect(branch.state("blink") == .gone)
    #expect(branch.read([], at: at(180)).isEmpty)
    #expect(branch.read([], at: at(299)).isEmpty)
    #expect(branch.read([], at: at(300)).words == ["removed held"])
  }

  @Test func `an arrival that did not settle does not silence the next one through reopen_after`() {
    var branch = Branch(LifeRules(reopenAfter: .seconds(86_400), settle: .seconds(60)))
    _ = branch.read([], at: at(0))
    #expect(branch.read([slot("a")], at: at(10)).isEmpty)
    #expect(branch.read([], at: at(20)).isEmpty)
    #expect(branch.read([slot("a")], at: at(30)).isEmpty)
    #expect(branch.read([slot("a")], at: at(90)).words == ["added a"])
  }

  @Test func `an update is told for tracked fields only, with what they were`() throws {
    var branch = Branch(LifeRules(track: ["price", "absent"]))
    _ = branch.read([slot("a", price: 1)], at: at(0))
    #expect(branch.read([slot("a", price: 1, note: "new")], at: at(1)).isEmpty)
    #expect(branch.records?["a"]?.item["note"] == .text("new"))
    let change = try #require(branch.read([slot("a", price: 2, note: "newer")], at: at(2)).first)
    #expect(change.kind == .updated)
    #expect(change.before == [Item.Field("price", .integer(1))])
    #expect(change.item["price"] == .integer(2))
  }

  @Test func `a change that happened during a blink is told as an update`() {
    var branch = Branch(LifeRules(track: ["price"], settle: .seconds(60)))
    _ = branch.read([slot("a", price: 1)], at: at(0))
    _ = branch.read([], at: at(10))
    #expect(branch.read([slot("a", price: 5)], at: at(20)).words == ["updated a"])
  }

  @Test func `a removed item is shown as it was last seen`() {
    var branch = Branch()
    _ = branch.read([slot("a", price: 1)], at: at(0))
    _ = branch.read([slot("a", price: 7)], at: at(1))
    #expect(branch.read([], at: at(2)).first?.item["price"] == .integer(7))
  }

  @Test func `what has passed leaves without a change, and is no news when it shows again at once`() {
    var branch = Branch()
    _ = branch.read([slot("a")], at: at(0))
    #expect(branch.read([], passed: [slot("a")], at: at(1)).isEmpty)
    #expect(branch.state("a") == .passed)
    #expect(branch.read([slot("a")], at: at(2)).isEmpty)
    #expect(branch.state("a") == .open)
  }

  @Test func `what has passed and was then missing is news when it shows again`() {
    var branch = Branch()
    _ = branch.read([slot("a")], at: at(0))
    _ = branch.read([], passed: [slot("a")], at: at(1))
    #expect(branch.read([], at: at(2)).isEmpty)
    #expect(branch.state("a") == .gone)
    #expect(branch.read([slot("a")], at: at(3)).words == ["added a"])
  }

  @Test func `what was dropped from the start leaves no record, and is news once it is kept`() {
    var branch = Branch()
    _ = branch.read([], passed: [slot("a")], at: at(0))
    #expect(branch.read([], passed: [slot("a")], at: at(1)).isEmpty)
    #expect(branch.records?.isEmpty == true)
    #expect(branch.read([slot("a")], at: at(2)).words == ["added a"])
  }

  @Test func `the end of a branch removes what was open, when it has settled`() {
    var branch = Branch(LifeRules(settle: .seconds(600)))
    _ = branch.read([slot("open"), slot("leaving"), slot("past")], at: at(0))
    _ = branch.read([slot("open"), slot("arriving")], passed: [slot("past")], at: at(1))
    #expect(branch.end(at: at(2)).isEmpty)
    #expect(branch.state("open") == .leaving && branch.state("arriving") == .gone && branch.state("past") == .gone)
    #expect(branch.end(at: at(601)).words == ["removed leaving"])
    #expect(branch.end(at: at(602)).words == ["removed open"])
    #expect(branch.records?.values.allSatisfy { $0.state == .gone } == true)
    #expect(branch.end(at: at(603)).isEmpty)
  }

  @Test func `a clock set back makes waits start again and silences nothing`() {
    var branch = Branch(LifeRules(settle: .seconds(60)))
    _ = branch.read([], at: at(100_000))
    _ = branch.read([slot("a")], at: at(100_000))
    #expect(branch.read([slot("a")], at: at(0)).isEmpty)
    #expect(branch.read([slot("a")], at: at(60)).words == ["added a"])

    var quick = Branch(LifeRules(reopenAfter: .seconds(60)))
    _ = quick.read([slot("a")], at: at(100_000))
    _ = quick.read([], at: at(100_000))
    #expect(quick.read([slot("a")], at: at(0)).words == ["added a"])
  }

  @Test func `a key that a reading holds twice counts once`() {
    var branch = Branch()
    _ = branch.read([], at: at(0))
    #expect(branch.read([slot("a", price: 1), slot("a", price: 2)], at: at(1)).words == ["added a"])
    #expect(branch.records?["a"]?.item["price"] == .integer(1))
  }
}
