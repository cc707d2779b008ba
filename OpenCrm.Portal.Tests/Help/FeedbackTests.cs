using OpenCrm.Portal.Help;

namespace OpenCrm.Portal.Tests.Help;

/// <summary>What people may write beside their stars: anything that can be stored and shown, up to a length that the page names.</summary>
public sealed class FeedbackTests
{
    [Theory]
    [InlineData(null, "")]
    [InlineData("   \n\t ", "")]
    [InlineData("  Clear.  ", "Clear.")]
    [InlineData("one\r\ntwo\rthree", "one\ntwo\nthree")]
    [InlineData("<b>bold</b> & \"quoted\"", "<b>bold</b> & \"quoted\"")]
    [InlineData("Grüße, 世界, مرحبا, 👩‍💻", "Grüße, 世界, مرحبا, 👩‍💻")]
    public void What_is_written_is_kept_word_by_word(string? typed, string kept) =>
        Assert.Equal(kept, Assert.IsType<FeedbackReading.Fine>(Feedback.Read(typed)).Text);

    [Fact]
    public void Nothing_is_cut_one_character_too_many_is_told()
    {
        Assert.IsType<FeedbackReading.Fine>(Feedback.Read(new string('x', Feedback.MostCharacters)));
        Assert.Equal(
            Feedback.MostCharacters + 1,
            Assert.IsType<FeedbackReading.TooLong>(Feedback.Read(new string('x', Feedback.MostCharacters + 1))).Characters);
    }

    [Theory]
    [InlineData(0x0000)]
    [InlineData(0x0007)]
    [InlineData(0x001B)]
    [InlineData(0x007F)]
    [InlineData(0x009B)]
    [InlineData(0xD800)]
    [InlineData(0xDFFF)]
    [InlineData(0xFDD0)]
    [InlineData(0xFFFE)]
    [InlineData(0xFFFF)]
    public void What_no_database_or_page_can_hold_is_refused_with_its_place(int character) =>
        Assert.Equal(new FeedbackReading.Unacceptable(2, 3), Feedback.Read($"first\nab{(char)character}c"));

    [Fact]
    public void The_last_two_of_a_further_plane_are_no_characters_either() =>
        Assert.Equal(new FeedbackReading.Unacceptable(1, 2), Feedback.Read("a\U0001FFFFb"));
}
