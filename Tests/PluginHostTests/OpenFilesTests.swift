import Glibc
import PluginHost
import Testing

struct OpenFilesTests {
  @Test func `the soft limit becomes the hard one, and stays so`() {
    let raised = OpenFiles.raiseLimit()
    var limit = rlimit()
    #expect(getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
    #expect(limit.rlim_cur == limit.rlim_max)
    #expect(UInt64(limit.rlim_cur) == raised)
    #expect(OpenFiles.raiseLimit() == raised)
  }
}
