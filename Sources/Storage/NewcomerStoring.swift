import Language
import PluginHost

/// What newcomers were told, and what they are still to be told.
enum NewcomerStoring {
  static func store(_ run: RunCommit, in db: Connection) throws {
    for subscription in run.greeted {
      try db.run(
        "INSERT OR IGNORE INTO subscriptions_greeted (watch, subscription, greeted_at) VALUES (?, ?, ?)", run.watch,
        subscription, run.endedAt)
    }
    // Of a snapshot that starts anew nobody is owed anything.
    if run.newBaseline { try db.run("DELETE FROM greetings_owed WHERE watch = ?", run.watch) }
    for greeting in run.paid {
      try db.run(
        "DELETE FROM greetings_owed WHERE watch = ? AND subscription = ? AND branch = ?", run.watch,
        greeting.subscription, greeting.branch.text)
    }
    for branch in run.endedBranches {
      try db.run("DELETE FROM greetings_owed WHERE watch = ? AND branch = ?", run.watch, branch.text)
    }
    for greeting in run.owed {
      try db.run(
        "INSERT OR REPLACE INTO greetings_owed (watch, subscription, branch, since_at) VALUES (?, ?, ?, ?)", run.watch,
        greeting.subscription, greeting.branch.text, greeting.since)
    }
  }

  static func owed(_ db: Connection, watch: String) throws -> [OwedGreeting] {
    try db.rows(
      "SELECT subscription, branch, since_at FROM greetings_owed WHERE watch = ? ORDER BY subscription, branch", watch
    ) { OwedGreeting(subscription: $0.text(0), branch: BranchName(text: $0.text(1)), since: $0.instant(2)) }
  }
}
