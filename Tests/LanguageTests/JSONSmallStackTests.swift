import Glibc
import Language
import TestSupport
import Testing

/// Threads made by libraries may have small stacks; the deepest allowed inputs must fit 512 KiB, in debug builds too.
struct JSONSmallStackTests {
  @Test func `the deepest document is read, compared, hashed, written and freed on 512 KiB`() throws {
    let text = String(repeating: #"{"a":["#, count: 256) + String(repeating: "]}", count: 256)
    let isFine = onSmallStack {
      guard let value = try? JSON(parsing: text), let same = try? JSON(parsing: text) else { return false }
      return value == same && value.hashValue == same.hashValue && value.isSameValue(as: same) && value.text == text
    }
    #expect(isFine)
  }

  @Test func `the deepest queries are parsed and run on 512 KiB`() throws {
    let deep = String(repeating: "[", count: 512) + String(repeating: "]", count: 512)
    let isFine = onSmallStack {
      guard let document = try? JSON(parsing: deep) else { return false }
      let filters = "$" + String(repeating: "[?@", count: 32) + String(repeating: "]", count: 32)
      let mixed =
        "$[?" + String(repeating: "(", count: 15) + "length(value(@)) == 1" + String(repeating: ")", count: 15) + "]"
      let chain = "$" + String(repeating: "[*]", count: 1300)
      return [filters, mixed, chain, "$..*"].allSatisfy { source in
        (try? JSONPath(source).select(from: document)) != nil
      }
    }
    #expect(isFine)
  }

  @Test(.enabled(if: shared(JSONSuiteTests.folder) != nil, "needs ../shared/suites/json-parsing"))
  func `a hundred thousand opening brackets are a limit on 512 KiB`() throws {
    let folder = try #require(shared(JSONSuiteTests.folder))
    for name in ["n_structure_100000_opening_arrays.json", "n_structure_open_array_object.json"] {
      let input = try bytes(of: folder + "/" + name)
      let isFine = onSmallStack {
        do throws(JSONSyntaxError) {
          _ = try JSON(parsing: input)
          return false
        } catch {
          return error.kind == .limit
        }
      }
      #expect(isFine, "\(name)")
    }
  }

  /// Runs the work on a thread of its own with 512 KiB of stack.
  private func onSmallStack(_ work: @escaping () -> Bool) -> Bool {
    let task = Work(work)
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setstacksize(&attributes, 512 << 10)
    var thread = pthread_t()
    let started = pthread_create(
      &thread, &attributes,
      { context in
        guard let context else { return nil }
        let task = Unmanaged<Work>.fromOpaque(context).takeUnretainedValue()
        task.isFine = task.body()
        return nil
      }, Unmanaged.passUnretained(task).toOpaque())
    guard started == 0 else { return false }
    pthread_join(thread, nil)
    return withExtendedLifetime(task) { task.isFine }
  }

  private final class Work {
    let body: () -> Bool
    var isFine = false
    init(_ body: @escaping () -> Bool) { self.body = body }
  }
}
