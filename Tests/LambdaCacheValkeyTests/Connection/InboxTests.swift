import LambdaCacheTransport
import TestSupport
import Testing

@testable import LambdaCacheValkey

@Suite("The events for the thread of a connection")
struct InboxTests {
  private func isReadable(_ inbox: Inbox) throws -> Bool {
    try Readiness.wait(for: -1, orFor: inbox.descriptor, until: 0).inbox
  }

  @Test("Events wake a thread that waits, and no other")
  func wake() throws {
    let inbox = try Inbox()
    inbox.post(.cancel(1))
    #expect(!inbox.beginWaiting())
    #expect(try !isReadable(inbox))
    #expect(inbox.takeAll()?.count == 1)
    #expect(inbox.beginWaiting())
    inbox.post(.cancel(2))
    inbox.post(.cancel(3))
    #expect(try isReadable(inbox))
    inbox.endWaiting(wasWoken: true)
    #expect(try !isReadable(inbox))
    #expect(inbox.takeAll()?.count == 2)
    #expect(inbox.takeAll()?.count == 0)
  }

  @Test("Events whose wake-up comes late end one more wait, and not each that follows")
  func lateWake() throws {
    let inbox = try Inbox()
    #expect(inbox.beginWaiting())
    inbox.post(.cancel(1))
    // The wait was ended by something else, before the wake-up came.
    inbox.endWaiting(wasWoken: false)
    #expect(inbox.takeAll()?.count == 1)
    #expect(inbox.beginWaiting())
    #expect(try isReadable(inbox))
    inbox.endWaiting(wasWoken: true)
    #expect(inbox.beginWaiting())
    #expect(try !isReadable(inbox))
  }

  @Test("Events are refused once the inbox is closed, and those before are still taken")
  func closing() throws {
    let inbox = try Inbox()
    #expect(inbox.post(.cancel(1)))
    inbox.close()
    #expect(!inbox.post(.cancel(2)))
    #expect(inbox.takeAll()?.count == 1)
    #expect(inbox.takeAll() == nil)
    #expect(!inbox.beginWaiting())
  }
}
