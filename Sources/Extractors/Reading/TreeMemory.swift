internal import CLibXML2
internal import CXMLArena
import PluginHost

/// Where one tree of libxml2 lies, all of which is given back at once: half of what a tree costs is asking for its nodes
/// one by one, and giving them back one by one.
///
/// From its making to ``close()`` all that libxml2 asks for on this thread comes from here.
final class TreeMemory {
  private let arena: OpaquePointer

  init() throws(ExtractError) {
    guard let arena = xml_arena_open() else { throw ExtractError(.overLimit, "out of memory for a tree") }
    self.arena = arena
  }

  deinit { xml_arena_release(arena) }

  /// Nothing but the tree may be left in it: libxml2's note of its last error would outlive it.
  func close() {
    xmlResetLastError()
    xml_arena_close(arena)
  }

  /// Before libxml2 is used for the first time.
  static func prepare() { xmlMemSetup(xml_arena_free, xml_arena_malloc, xml_arena_realloc, xml_arena_strdup) }
}
