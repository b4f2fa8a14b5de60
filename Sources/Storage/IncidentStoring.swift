import Language
import PluginHost

/// Conditions that maintainers hear of once when they start and once when they end, however many watches are in them.
struct IncidentStoring {
  let db: Connection
  let run: RunCommit
  private(set) var opened: [String] = []
  private(set) var closed: [String] = []

  init(db: Connection, run: RunCommit) {
    self.db = db
    self.run = run
  }

  /// Joins before leaves: an incident that passes from one branch to another stays the same one.
  mutating func store() throws {
    for member in run.joinedIncidents { try join(member) }
    var left = run.leftIncidents
    for branch in try forgottenBranches() { left += try memberships(of: branch) }
    for member in left where !run.joinedIncidents.contains(member) { try leave(member) }
  }

  private mutating func join(_ member: IncidentMember) throws {
    try db.run(
      "INSERT OR IGNORE INTO incident_members (incident, watch, branch, joined_at) VALUES (?, ?, ?, ?)",
      member.incident, run.watch, member.branch.text, run.endedAt)
    let isNew =
      try db.run(
        "INSERT INTO incidents (incident, opened_at) VALUES (?, ?) ON CONFLICT DO NOTHING", member.incident, run.endedAt
      )
      > 0
    if isNew { opened.append(member.incident) }
  }

  private mutating func leave(_ member: IncidentMember) throws {
    let left = try db.run(
      "DELETE FROM incident_members WHERE incident = ? AND watch = ? AND branch = ?", member.incident, run.watch,
      member.branch.text)
    guard left > 0, try Incidents.closeIfEmpty(db, member.incident, now: run.endedAt) else { return }
    closed.append(member.incident)
  }

  /// A branch that is known no more can't heal: it leaves what it was in.
  private func forgottenBranches() throws -> [BranchName] {
    guard run.newBaseline else { return run.endedBranches }
    let known = Set(run.branches.map(\.name))
    return try db.rows("SELECT DISTINCT branch FROM incident_members WHERE watch = ?", run.watch) {
      BranchName(text: $0.text(0))
    }.filter { !known.contains($0) }
  }

  private func memberships(of branch: BranchName) throws -> [IncidentMember] {
    try db.rows("SELECT incident FROM incident_members WHERE watch = ? AND branch = ?", run.watch, branch.text) {
      IncidentMember(incident: $0.text(0), branch: branch)
    }
  }
}

enum Incidents {
  static func closeIfEmpty(_ db: Connection, _ incident: String, now: Instant) throws -> Bool {
    try db.run(
      """
      UPDATE incidents SET closed_at = ?2 WHERE incident = ?1 AND closed_at IS NULL
        AND NOT EXISTS (SELECT 1 FROM incident_members WHERE incident = ?1)
      """, incident, now) > 0
  }
}
