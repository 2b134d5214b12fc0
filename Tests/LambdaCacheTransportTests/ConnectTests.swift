import LambdaCacheTransport
import Testing

@Suite("The wait for the addresses of a host")
struct ConnectTests {
  @Test("Each address gets an equal part of the time that is left")
  func parts() {
    #expect(Socket.part(of: .milliseconds(900), forAddresses: 3) == .milliseconds(300))
    #expect(Socket.part(of: .milliseconds(600), forAddresses: 2) == .milliseconds(300))
    #expect(Socket.part(of: .milliseconds(300), forAddresses: 1) == .milliseconds(300))
  }

  @Test("An address that did not need its part leaves it to the others")
  func unused() {
    #expect(Socket.part(of: .milliseconds(899), forAddresses: 1) == .milliseconds(899))
  }

  @Test("Where no time is left nothing is waited for")
  func late() {
    #expect(Socket.part(of: .milliseconds(-5), forAddresses: 2) == .zero)
    #expect(Socket.part(of: .zero, forAddresses: 0) == .zero)
  }
}
