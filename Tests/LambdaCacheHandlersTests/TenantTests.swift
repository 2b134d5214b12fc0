import LambdaCache
import LambdaCacheHandlers
import Testing

@Suite("A cache that tenants share")
struct TenantTests {
  private let profiles = Tenants(Cache<TenantKey<String>, String>(byteLimit: 1 << 20))

  @Test("shows each tenant its own, whatever their names and keys are")
  func apart() async throws {
    let names = ["a", "a:", "ab", "b"]
    for tenant in names {
      let view = try profiles.view(of: tenant)
      for key in ["", ":b", "b"] {
        #expect(view[key] == nil)
        #expect(view.setValue("\(tenant)/\(key)", forKey: key) == .inserted)
      }
    }
    for tenant in names {
      let view = try profiles.view(of: tenant)
      #expect(view.tenant == tenant)
      for key in ["", ":b", "b"] { #expect(view.value(forKey: key) == "\(tenant)/\(key)") }
    }
    #expect(profiles.cache.count == 12)
  }

  @Test("loads for each tenant by itself, one key or several")
  func loading() async throws {
    for tenant in ["a", "b"] {
      let view = try profiles.view(of: tenant)
      #expect(try await view.value(forKey: "1") { key in "\(tenant)\(key)" } == "\(tenant)1")
      let values = try await view.values(forKeys: ["1", "2", "3"]) { keys in
        #expect(keys == ["2", "3"])
        return ["2": "\(tenant)2"]
      }
      #expect(values == ["1": "\(tenant)1", "2": "\(tenant)2"])
    }
  }

  @Test("removes one tenant's, and keeps its loads under way out")
  func purging() async throws {
    let (a, b) = (try profiles.view(of: "a"), try profiles.view(of: "b"))
    for view in [a, b] { view["1"] = "one" }
    let value = try await a.value(forKey: "2") { [profiles] _ in
      profiles.removeAll(of: "a")
      return "two"
    }
    #expect(value == "two")
    #expect(a["1"] == nil)
    #expect(a["2"] == nil)
    #expect(b["1"] == "one")
    b["1"] = nil
    #expect(b.removeValue(forKey: "1") == nil)
  }

  @Test("requires a tenant, unless it is told not to")
  func required() throws {
    #expect(throws: TenantError.missing) { try profiles.view(of: nil) }
    #expect(throws: TenantError.empty) { try profiles.view(of: "") }
    let open = Tenants(profiles.cache, requiresTenant: false)
    try open.view(of: nil)["1"] = "everybody's"
    #expect(try open.view(of: nil)["1"] == "everybody's")
    #expect(try open.view(of: "a")["1"] == nil)
    #expect(throws: TenantError.empty) { try open.view(of: "") }
    #expect("\(TenantError.missing)".contains("required"))
  }
}
