import Scheduling
import Testing

struct DeadlineHeapTests {
  @Test func `entries leave in order of their deadlines, equal ones in the order they came`() {
    var heap = DeadlineHeap<String>()
    for (id, due) in [("c", 3), ("a", 1), ("b", 2), ("a2", 1)] { heap.set(id, due: .seconds(due)) }
    var left: [String] = []
    while let id = heap.popDue(.seconds(10)) { left.append(id) }
    #expect(left == ["a", "a2", "b", "c"])
  }

  @Test func `nothing leaves before its time`() {
    var heap = DeadlineHeap<String>()
    heap.set("a", due: .seconds(5))
    #expect(heap.popDue(.seconds(4)) == nil)
    #expect(heap.popDue(.seconds(5)) == "a")
    #expect(heap.isEmpty)
  }

  @Test func `random adding, moving and removing agrees with a sorted list`() {
    var seed: UInt64 = 42
    func chance(_ n: Int) -> Int {
      seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(seed >> 33) % n
    }
    var heap = DeadlineHeap<Int>()
    var model: [Int: (due: Int, order: Int)] = [:]
    for step in 0..<20_000 {
      let id = chance(200)
      switch chance(4) {
      case 0:
        heap.remove(id)
        model[id] = nil
      case 1:
        let first = model.min { ($0.value.due, $0.value.order) < ($1.value.due, $1.value.order) }
        #expect(heap.first?.id == first?.key)
        if let first, let popped = heap.popDue(.seconds(first.value.due)) {
          #expect(popped == first.key)
          model[popped] = nil
        }
      default:
        let due = chance(50)
        heap.set(id, due: .seconds(due))
        model[id] = (due, step)
      }
      #expect(heap.count == model.count)
    }
  }
}
