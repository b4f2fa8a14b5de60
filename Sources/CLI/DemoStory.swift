/// What happens in the demo, chapter by chapter, and how many messages each must bring.
struct DemoChapter: Sendable {
  var title: String
  /// Sample by site; a site that is not named answers as before.
  var samples: [(site: String, name: String)]
  /// What Telegram's stand-in answers first.
  var troubles: [DemoInbox.Trouble] = []
  var runs = 1
  /// What an operator is to look at.
  var note: String
  /// Messages for people and for maintainers; anything else fails the demo.
  var expected: (people: Int, maintainers: Int)

  static let story = [
    DemoChapter(
      title: "Somebody subscribes",
      samples: [("paziresh24", "demo-1-open"), ("doctuo", "demo-1-open")],
      note: "The first run tells a new subscriber once what is open already.", expected: (3, 0)),
    DemoChapter(
      title: "Slots appear, one goes, and Telegram is down",
      samples: [("paziresh24", "demo-2-changed"), ("doctuo", "demo-2-changed")],
      troubles: [.down, .busy(seconds: 1)],
      note: "Telegram answers 500, then 429 with retry_after 1, then 200. SMS does not wait for it.",
      expected: (3, 0)),
    DemoChapter(
      title: "A site renames its markup", samples: [("paziresh24", "demo-3-renamed")], runs: 2,
      note:
        "\"Cannot read\" is not \"no slots\": people hear nothing. The maintainer hears once, though it runs twice.",
      expected: (0, 1)),
    DemoChapter(
      title: "It heals", samples: [("paziresh24", "demo-4-healed")],
      note: "The maintainer hears so once, and people hear what opened meanwhile, once.", expected: (2, 1)),
  ]
}
