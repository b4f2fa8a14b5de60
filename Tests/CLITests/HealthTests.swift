import Language
import TestSupport
import Testing

@testable import CLI
@testable import Engine
@testable import Storage

struct HealthTests {
  private static func stand(_ troubles: [StoreHealth.Trouble], at: Duration = .seconds(100)) -> ServiceMeters.Stand {
    var stand = ServiceMeters.Stand()
    stand.isConfigured = true
    stand.store = (StoreHealth(troubles: troubles, detail: "", space: nil, reserve: 0, size: 1, log: 0), at)
    return stand
  }

  private static func readiness(_ stand: ServiceMeters.Stand, at uptime: Duration = .seconds(101)) -> String? {
    Health.ofReadiness(stand, LifeSigns(nil), at: uptime)
  }

  @Test func `ready is who has a configuration, and a store that can be written and answers`() {
    #expect(Self.readiness(Self.stand([])) == nil)
    #expect(Self.readiness(Self.stand([.lowSpace, .slow])) == nil)
    #expect(Self.readiness(Self.stand([.full])) == "the store is full")
    #expect(Self.readiness(Self.stand([.damaged, .failing])) == "the store is damaged, failing")
    #expect(Self.readiness(Self.stand([]), at: .seconds(131)) == "the store has not answered for 31 s")
    var stand = Self.stand([])
    stand.isStopping = true
    #expect(Self.readiness(stand) == "stopping")
    #expect(Self.readiness(ServiceMeters.Stand()) == "no configuration has been taken up yet")
    stand = ServiceMeters.Stand()
    stand.isConfigured = true
    #expect(Self.readiness(stand) == "the store has not been looked at yet")
  }

  @Test func `a process that has just begun is alive`() {
    #expect(Health.ofLife(LifeSigns(nil)) == nil)
  }
}
