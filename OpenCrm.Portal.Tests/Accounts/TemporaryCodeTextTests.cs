using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Tests.Accounts;

/// <summary>How a temporary code is written and read (docs/spec.md 11.5).</summary>
public sealed class TemporaryCodeTextTests
{
    [Fact]
    public void A_new_one_has_20_characters_of_Crockford_and_reads_back_from_its_groups()
    {
        HashSet<string> made = [];
        for (var n = 0; n < 200; n++)
        {
            var code = TemporaryCodeText.Generate();
            Assert.Matches("^[0-9A-HJKMNP-TV-Z]{20}$", code);
            Assert.True(made.Add(code));
            Assert.Matches("^(....-){4}....$", CrockfordCode.Grouped(code));
            Assert.Equal(code, TemporaryCodeText.Read(CrockfordCode.Grouped(code)));
        }
    }

    [Theory]
    [InlineData("0123-4567-89ab-cdef-ghjk")]
    [InlineData("O1234567 89ABCDEF GHJK")]
    [InlineData("oI23 4567\u00A089AB\u2013CDEF\u200BGHJK")]
    [InlineData("0l23456789abcdefghjk")]
    [InlineData("\uFF10123456789\uFF21\uFF42CDEFGHJK")]
    public void Case_spaces_hyphens_and_look_alikes_do_not_matter(string typed) =>
        Assert.Equal("0123456789ABCDEFGHJK", TemporaryCodeText.Read(typed));

    [Theory]
    [InlineData("")]
    [InlineData("123456")]
    [InlineData("0123456789ABCDEFGHJ")]
    [InlineData("0123456789ABCDEFGHJKM")]
    [InlineData("0123456789ABCDEFGHJU")]
    [InlineData("0123456789ABCDEFGHJ\u00E9")]
    [InlineData("0123456789ABCDEFGHJ\U0001F600")]
    public void Anything_else_is_none(string typed)
    {
        Assert.Null(TemporaryCodeText.Read(typed));
        Assert.Null(TemporaryCodeText.Read("0123456789ABCDEFGHJ\uD800"));
        Assert.Null(TemporaryCodeText.Read(new string('0', 1_000_000)));
    }
}
