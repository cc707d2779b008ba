using System.Collections.Concurrent;
using System.Reflection;
using OpenCrm.Portal.Tests.Support;
using Xunit.v3;

[assembly: AssemblyFixture(typeof(PostgresCluster))]
[assembly: AssemblyFixture(typeof(Browser))]
[assembly: AssemblyFixture(typeof(Firefox))]
[assembly: FailureScreenshots]

namespace OpenCrm.Portal.Tests.Support;

/// <summary>Closes the pages that a test has opened, and saves a screenshot of each under TestResults if the test has failed.</summary>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class FailureScreenshotsAttribute : BeforeAfterTestAttribute
{
    public override void After(MethodInfo methodUnderTest, IXunitTest test)
    {
        var pages = FailureScreenshots.Take(test.UniqueID);
        if (pages.Count == 0)
            return;
        var failed = TestContext.Current.TestState?.Result == TestResult.Failed;
        foreach (var page in failed ? pages : [])
            TestContext.Current.TestOutputHelper?.WriteLine($"{page.Page.Url} {page.Problems}");
        // Task.Run, because the test's own synchronization context is blocked here: waiting for it would never end.
        Task.Run(() => CloseAsync(pages, failed ? $"{methodUnderTest.DeclaringType?.Name}.{methodUnderTest.Name}" : null)).GetAwaiter().GetResult();
    }

    private static async Task CloseAsync(IReadOnlyList<PortalPage> pages, string? nameOfFailed)
    {
        for (var i = 0; i < pages.Count; i++)
        {
            try
            {
                if (nameOfFailed is not null)
                    await pages[i].SaveScreenshotAsync($"{nameOfFailed}-{i + 1}");
            }
            catch (Exception e) when (e is Microsoft.Playwright.PlaywrightException or TimeoutException or IOException)
            {
                // A page that can no longer be drawn must not hide why the test failed.
            }
        }
        foreach (var page in pages)
            await page.CloseAsync();
    }
}

/// <summary>Which page belongs to which test.</summary>
internal static class FailureScreenshots
{
    private static readonly ConcurrentDictionary<PortalPage, string> Owners = new();

    public static void Watch(PortalPage page)
    {
        if (TestContext.Current.Test?.UniqueID is { } test)
            Owners[page] = test;
    }

    public static void Forget(PortalPage page) => Owners.TryRemove(page, out _);

    public static IReadOnlyList<PortalPage> Take(string test)
    {
        var pages = Owners.Where(pair => pair.Value == test).Select(pair => pair.Key).ToList();
        pages.ForEach(Forget);
        return pages;
    }
}
