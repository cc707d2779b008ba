namespace OpenCrm.Portal.Controls;

/// <summary>What a list shows, as its address says, so that back and F5 restore it.</summary>
public interface IAddressedQuery<TSelf> : IEquatable<TSelf> where TSelf : IAddressedQuery<TSelf>
{
    /// <summary>Where the list is.</summary>
    static abstract string Path { get; }

    /// <summary>How much of what is typed is searched for.</summary>
    static abstract int MostSearched { get; }

    /// <summary>What is searched for; empty = everything.</summary>
    string Sought { get; }

    /// <summary>The address brought something that nothing in the list can hold.</summary>
    bool LeftOut { get; }

    /// <summary>Reads a query string; what it does not understand, it leaves at its default.</summary>
    static abstract TSelf Parse(string? queryString);

    /// <summary>What was typed, without what nothing in the list can hold.</summary>
    static abstract string Clean(string? typed);

    /// <summary>Whether <see cref="Clean"/> leaves something out that was not only too long: it is told.</summary>
    static abstract bool LeavesOut(string? typed);

    /// <summary>Whatever else changes, the list starts from its first page.</summary>
    TSelf AtStart();

    /// <summary>The same list with another search.</summary>
    TSelf SearchingFor(string text);

    /// <summary>The address' query string; empty for the list as it opens.</summary>
    string ToQueryString();
}
