import LambdaCache
import Testing

@Suite("The bytes that malloc takes for a request")
struct AllocatorTests {
  @Test(
    "glibc adds eight bytes, rounds to sixteen, takes at least 32, and whole pages from 128 KiB",
    arguments: [
      (0, 32), (1, 32), (24, 32), (25, 48), (40, 48), (41, 64), (1000, 1008), (130_971, 130_992),
      (131_048, 131_056), (131_049, 135_168), (131_072, 135_168), (135_152, 139_264),
      (135_168, 139_264), (1_000_000, 1_003_520), (40_000_000, 40_001_536),
    ])
  func glibc(request: Int, taken: Int) {
    #expect(Allocator.glibcByteCount(forRequest: request) == taken)
  }

  @Test(
    "The usable size of a glibc block gives back the block, on the heap and mapped",
    arguments: [
      (24, 32), (40, 48), (1000, 1008), (131_064, 131_072), (131_080, 131_088),
      (135_152, 135_168), (1_003_504, 1_003_520),
    ])
  func glibcUsable(usable: Int, taken: Int) {
    #expect(Allocator.glibcByteCount(forCapacity: usable) == taken)
  }

  @Test(
    "mimalloc has four bins in every doubling",
    arguments: [
      (0, 8), (1, 8), (8, 8), (9, 16), (16, 16), (17, 32), (33, 48), (49, 64), (65, 80), (80, 80),
      (81, 96), (112, 112), (113, 128), (128, 128), (129, 160), (161, 192), (225, 256),
      (257, 320), (513, 640), (1025, 1280), (4096, 4096), (4112, 5120), (65_536, 65_536),
      (131_072, 131_072), (131_088, 196_608), (1_000_000, 1_048_576), (3_000_000, 3_145_728),
      (50_000_000, 50_331_648),
    ])
  func mimalloc(request: Int, taken: Int) {
    #expect(Allocator.mimallocByteCount(forRequest: request) == taken)
  }

  @Test(
    "musl has slots of its size classes with four bytes of header",
    arguments: [
      (0, 16), (1, 16), (12, 16), (13, 32), (28, 32), (29, 48), (140, 144), (141, 160),
      (157, 192), (189, 240), (237, 288), (285, 320), (317, 400), (493, 576), (573, 672),
      (669, 800), (1004, 1008), (1005, 1152), (1149, 1344), (131_052, 131_072),
      (131_053, 135_168), (200_000, 200_704),
    ])
  func musl(request: Int, taken: Int) {
    #expect(Allocator.muslByteCount(forRequest: request) == taken)
  }

  @Test("A larger request to malloc never takes less, and never less than it asks for")
  func monotonic() {
    let rules: [(Int) -> Int] = [
      Allocator.allocationByteCount(forRequest:), Allocator.allocationByteCount(forCapacity:),
      Allocator.glibcByteCount(forRequest:), Allocator.mimallocByteCount(forRequest:),
      Allocator.muslByteCount(forRequest:),
    ]
    for rule in rules {
      var previous = 0
      for request in 0..<140_000 {
        let taken = rule(request)
        guard taken >= previous, taken >= request else {
          Issue.record("\(request) bytes take \(taken) after \(previous)")
          break
        }
        previous = taken
      }
    }
  }
}
