using System.Reflection;
using OpenCrm.Portal.Tests.Support;
using Xunit.Sdk;
using Xunit.v3;

[assembly: TestCollectionOrderer(typeof(LongestFirst))]
[assembly: NoBrowserWhereQuick]

namespace OpenCrm.Portal.Tests.Support;

/// <summary>
/// Starts the longest collections first. Each class is a collection, and several run at once: a long one that starts last would run alone at the end
/// while the other cores have nothing to do. <c>.ci/slowest</c> shows which are the longest.
/// </summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly string[] Long =
    [
        "AccessibilityTests", "BenchmarkVerbTests", "DeliveryTests", "PostfixTests", "WebKitTests", "StartTests", "FirefoxTests",
        "FirstDayTests", "MailedLinkPagesTests", "RequestLimitsTests",
    ];

    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection => [.. testCollections.OrderBy(Rank)];

    private static int Rank<TTestCollection>(TTestCollection collection) where TTestCollection : ITestCollection
    {
        var rank = Array.FindIndex(Long, name => collection.TestCollectionDisplayName.Contains($".{name} ", StringComparison.Ordinal));
        return rank < 0 ? Long.Length : rank;
    }
}

/// <summary>
/// The collection of tests that measure how long something takes, or drive a browser that is slow to answer: nothing runs beside them.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public static class Alone
{
    public const string Name = "alone";
}

/// <summary>In a quick run, skips tests that need a browser before a portal is started for them.</summary>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class NoBrowserWhereQuickAttribute : BeforeAfterTestAttribute
{
    private static readonly Type[] Browsers = [typeof(Browser), typeof(Firefox)];

    public override void Before(MethodInfo methodUnderTest, IXunitTest test)
    {
        if (!Needs.OnlyWhatIsQuick) return;
        var made = methodUnderTest.ReflectedType!.GetConstructors().SelectMany(constructor => constructor.GetParameters());
        Assert.SkipWhen(made.Any(parameter => Browsers.Contains(parameter.ParameterType)), "needs a browser");
    }
}
