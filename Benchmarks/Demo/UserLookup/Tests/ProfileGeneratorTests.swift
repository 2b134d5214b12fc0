import Foundation
import Testing

@testable import UserLookup

@Suite("The made-up users")
struct ProfileGeneratorTests {
  @Test("The made-up users all have names of their own")
  func names() {
    let directory = UserDirectory(count: 200_000)
    let names = Set((0..<directory.count).map { directory.name(of: $0) })
    #expect(names.count == directory.count)
  }

  @Test("The made-up users have profiles of JSON with their own name, of 200 to 20,000 bytes")
  func profiles() throws {
    struct Profile: Decodable {
      var id: Int
      var username: String
      var about: String
    }
    let directory = UserDirectory(count: 10_000)
    let generator = ProfileGenerator(directory: directory)
    var byteCounts: [Int] = []
    for user in 0..<directory.count {
      let bytes = generator.profile(of: user)
      byteCounts.append(bytes.count)
      let profile = try JSONDecoder().decode(Profile.self, from: Data(bytes))
      #expect(profile.id == user)
      #expect(profile.username == directory.name(of: user))
    }
    byteCounts.sort()
    #expect(byteCounts.first == ProfileGenerator.byteCounts.lowerBound)
    #expect(try #require(byteCounts.last) <= ProfileGenerator.byteCounts.upperBound)
    // Skewed: the mean is far above the median.
    let mean = byteCounts.reduce(0, +) / byteCounts.count
    #expect(mean * 2 > byteCounts[byteCounts.count / 2] * 3)
  }

  @Test("The made-up users have room for the fields of the longest name in the smallest profile")
  func longestName() {
    let longestGiven = UserDirectory.givenNames.map(\.utf8.count).max() ?? 0
    let longestFamily = UserDirectory.familyNames.map(\.utf8.count).max() ?? 0
    let name = String(repeating: "x", count: longestGiven + longestFamily + 1) + "1717987"
    let fields =
      #"{"id":4294967294,"username":"\#(name)","email":"\#(name)@example.com","#
      + #""joined":"2012-01-01","plan":"business","locale":"en-GB","about":""}"#
    #expect(fields.utf8.count <= ProfileGenerator.byteCounts.lowerBound)
  }

  @Test("The made-up users have the same profile each time")
  func determinism() {
    let generator = ProfileGenerator(directory: UserDirectory(count: 100))
    #expect(generator.profile(of: 42) == generator.profile(of: 42))
    #expect(generator.profile(of: 42) != generator.profile(of: 43))
  }
}
