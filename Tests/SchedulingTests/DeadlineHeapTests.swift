import Scheduling
import TestSupport
import Testing

struct DeadlineHeapTests {
  @Test func `ids come out by deadline, equal ones in the order they were set`() {
    var heap = DeadlineHeap<String>()
    heap.set("late", at: .seconds(9))
    heap.set("first", at: .seconds(5))
    heap.set("second", at: .seconds(5))
    heap.set("moved", at: .seconds(1))
    heap.set("moved", at: .seconds(7))
    #expect(heap.next == .seconds(5))
    #expect(heap.popDue(at: .seconds(4)) == nil)
    var order: [String] = []
    while let due = heap.popDue(at: .seconds(10)) { order.append(due.id) }
    #expect(order == ["first", "second", "moved", "late"])
    #expect(heap.isEmpty)
  }

  @Test func `what was removed never comes, and removing it again does nothing`() {
    var heap = DeadlineHeap<Int>()
    for id in 0..<10 { heap.set(id, at: .seconds(id)) }
    #expect(heap.remove(0) == .seconds(0))
    #expect(heap.remove(0) == nil)
    #expect(heap[0] == nil)
    #expect(heap.count == 9)
    #expect(heap.popDue(at: .seconds(99))?.id == 1)
  }

  @Test func `a long random life agrees with a sorted list`() {
    var dice = SplitMix(seed: 3)
    var heap = DeadlineHeap<Int>()
    var model: [Int: Duration] = [:]
    for _ in 0..<20_000 {
      let id = Int.random(in: 0..<200, using: &dice)
      switch Int.random(in: 0..<4, using: &dice) {
      case 0, 1:
        let deadline = Duration.milliseconds(Int.random(in: 0..<10_000, using: &dice))
        heap.set(id, at: deadline)
        model[id] = deadline
      case 2: #expect(heap.remove(id) == model.removeValue(forKey: id))
      default:
        let now = Duration.milliseconds(Int.random(in: 0..<10_000, using: &dice))
        let due = heap.popDue(at: now)
        #expect(due?.deadline == model.values.min().flatMap { $0 <= now ? $0 : nil })
        if let due { #expect(model.removeValue(forKey: due.id) == due.deadline) }
      }
      #expect(heap.count == model.count)
    }
  }
}
