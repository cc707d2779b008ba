using System.Reflection;
using OpenCrm.Portal.Tests.Support;
using Xunit.Sdk;
using Xunit.v3;

[assembly: TestCollectionOrderer(typeof(LongestFirst))]
[assembly: NoBrowserWhereQuick]

namespace OpenCrm.Portal.Tests.Support;

/// <summary>
/// Each class is a collection, and some collections run at once; which of them last longest is known. Begun last, one of them would run alone at the end while a core has
/// nothing to do. <c>.ci/slowest</c> shows them.
/// </summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly string[] Long =
    [
        "AccessibilityTests", "DeliveryTests", "PostfixTests", "WebKitTests", "StartTests", "FirefoxTests", "FirstDayTests", "MailedLinkPagesTests", "RequestLimitsTests",
    ];

    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection => [.. testCollections.OrderBy(Rank)];

    private static int Rank<TTestCollection>(TTestCollection collection) where TTestCollection : ITestCollection
    {
        var rank = Array.FindIndex(Long, name => collection.TestCollectionDisplayName.Contains($".{name} ", StringComparison.Ordinal));
        return rank < 0 ? Long.Length : rank;
    }
}

/// <summary>For tests that judge how long something takes: nothing runs beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public static class Alone
{
    public const string Name = "alone";
}

/// <summary>Leaves out what needs a browser before a portal is started for it.</summary>
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
