using System.Globalization;
using System.Text;
using Microsoft.Extensions.DependencyInjection;

namespace OpenCrm.Portal.Tests.Architecture;

/// <summary>The never-rules are worth no more than what their reader sees. So every way to hide a dependency is tried here.</summary>
public sealed class CompiledCodeTests
{
    private static readonly IReadOnlyList<CompiledType> Types = CompiledType.AllOf(typeof(CompiledCodeTests).Assembly);

    [Theory]
    [InlineData(typeof(HidesInALambda))]
    [InlineData(typeof(HidesInAnAsyncMethod))]
    [InlineData(typeof(HidesInAnIterator))]
    [InlineData(typeof(HidesInALocalFunction))]
    [InlineData(typeof(HidesInATypeArgument))]
    [InlineData(typeof(HidesInAConstraint<>))]
    [InlineData(typeof(HidesInAnAttribute))]
    [InlineData(typeof(HidesInANestedType))]
    [InlineData(typeof(HidesInAnArray))]
    public void A_dependency_is_seen_wherever_it_hides(Type type) =>
        Assert.Contains(typeof(StringBuilder).FullName!, Types.Single(t => t.Type == type).Knows);

    [Fact]
    public void A_type_that_mentions_nothing_knows_nothing() =>
        Assert.DoesNotContain(typeof(StringBuilder).FullName!, Types.Single(t => t.Type == typeof(KnowsNothing)).Knows);

    [Fact]
    public void A_call_is_seen_with_the_type_that_declares_it() =>
        Assert.Contains(
            new Call(typeof(StringBuilder).FullName!, nameof(StringBuilder.Clear)),
            Types.Single(t => t.Type == typeof(HidesInALambda)).Calls);

    [Theory]
    [InlineData("Users", "Accounts", true)]
    [InlineData("Users", "Controls", true)]
    [InlineData("Users", "SignIn", false)]
    [InlineData("Users", "Shell", false)]
    [InlineData("Sessions", "Audit", true)]
    [InlineData("Sessions", "Credentials", false)]
    [InlineData("Sessions", "Controls", false)]
    [InlineData("Data", "Audit", false)]
    [InlineData("Setup", "Shell", true)]
    [InlineData("Controls", "Accounts", false)]
    public void Knowledge_runs_down(string folder, string other, bool may) => Assert.Equal(may, Folders.MayKnow(folder, other));
}

internal static class HidesInALambda
{
    public static Func<string> Get(string text) => () => new StringBuilder(text).Clear().ToString();
}

internal static class HidesInAnAsyncMethod
{
    public static async Task<string> GetAsync()
    {
        await Task.Yield();
        return new StringBuilder().ToString();
    }
}

internal static class HidesInAnIterator
{
    public static IEnumerable<string> Get()
    {
        yield return new StringBuilder().ToString();
    }
}

internal static class HidesInALocalFunction
{
    public static string Get()
    {
        return Inner(1);
        static string Inner(int n) => new StringBuilder(n).ToString();
    }
}

internal static class HidesInATypeArgument
{
    public static object Get(IServiceProvider services) => services.GetRequiredService<Lazy<StringBuilder>>();
}

internal static class HidesInAConstraint<T> where T : IEquatable<StringBuilder>
{
    public static string? Get(T value) => value.ToString();
}

internal static class HidesInAnAttribute
{
    [System.Diagnostics.DebuggerTypeProxy(typeof(StringBuilder))]
    internal sealed class Inner;
}

internal static class HidesInANestedType
{
    internal sealed record Inner(StringBuilder Text);
}

internal static class HidesInAnArray
{
    public static int Count(StringBuilder[][] texts) => texts.Length;
}

internal static class KnowsNothing
{
    public static string Get(int n) => n.ToString(CultureInfo.InvariantCulture);
}
